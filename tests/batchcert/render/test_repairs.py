"""What was done about stale nodes, in a report: one line at its top, and each node below."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from batchcert.problems import Problem
from batchcert.render.markdown import report_markdown
from batchcert.render.repairs import repair_line, repair_section
from batchcert.render.report import RunReport
from batchcert.repair.steps import Attempt, Left, Outcome, Repair, Repairs, Step
from batchcert.repair.whys import Why

LONG = "tvmps_1c0ffee5d2b7a90412fe83ab7cd00112233445566778899aabbccddeeff_d"
REBOOT, REIMAGE = Repair(LONG, Step.REBOOT, ("kv/web",)), Repair(LONG, Step.REIMAGE, ("kv/web", "kv/api"))
BUSY = Why.NODE_BUSY.problem(f"node {LONG}: running tasks: 2")
UNDONE = f"node {LONG} was to reboot and is starting after 30 minutes"
MAJORITY = Why.MAJORITY_STALE.problem("nodes that do not get kv/web: 2 of 3")
WRONG = Why.WENT_WRONG.problem(f"node {LONG} after its reboot: it is unusable")


def test_nothing_is_told_where_nothing_was_stale() -> None:
    """A report without repairs looks as it always did."""
    assert repair_line(Repairs(), "") == ""
    assert repair_section(Repairs(), "") == []


def test_each_step_has_its_outcome_and_each_node_that_was_left_its_reason() -> None:
    """In the order in which it happened; nodes go by their short names."""
    attempts = (
        Attempt(REBOOT, Outcome.STALE, "kv/web: the node has leaf aa [rotation-overdue]"),
        Attempt(REIMAGE, Outcome.CURRENT),
        Attempt(REBOOT, Outcome.UNDONE, UNDONE),
    )
    repairs = Repairs(attempts, (Left(LONG, BUSY),))
    (block,) = repair_section(repairs, "")
    short = block.split("`")[1]
    assert len(short) < 30
    assert block.replace(short, "NODE").replace("\\_", "_").split("\n") == [
        "- rebooted `NODE` for `kv/web`: **still stale**: `kv/web: the node has leaf aa [rotation-overdue]`",
        "- reimaged `NODE` for `kv/web`, `kv/api`: **current**",
        f"- told to reboot `NODE` for `kv/web`: **not carried out to the end**: `{UNDONE.replace(LONG, 'NODE')}`",
        f"- left `NODE`: `node NODE: running tasks: 2` (repair-node-busy). **What to do:** {BUSY.cure}",
    ]
    assert repair_line(repairs, "") == "🔧 **Repair:** 1 repaired (1 by reimage), not repaired: repair-node-busy"


@pytest.mark.parametrize(
    ("stopped", "title"), [(MAJORITY, "It is not the nodes"), (WRONG, "No further node is touched")]
)
def test_what_keeps_all_nodes_from_it_is_one_line_with_cause_and_cure(stopped: Problem, title: str) -> None:
    """And stands at the top, since it is the first thing to know; below, nodes only point to it."""
    repairs = Repairs((Attempt(REBOOT, Outcome.UNDONE),), (Left(LONG, stopped),), stopped)
    line = repair_line(repairs, "")
    assert "\n" not in line
    assert line.startswith(f"🔧 **{title}:** `")
    assert f"({stopped.code})" in line
    for words in (stopped.cause, stopped.cure):
        assert words.replace("_", "\\_") in line
    assert LONG not in line
    assert f"see above ({stopped.code})" in repair_section(repairs, "")[0]


def test_codes_link_to_their_pages_where_these_are_published() -> None:
    """As all codes in a report do."""
    repairs = Repairs((), (Left(LONG, BUSY),))
    assert (
        "([repair-node-busy](https://x.example/repair-node-busy.md))"
        in repair_section(repairs, "https://x.example/")[0]
    )


def test_a_report_shows_it_at_its_top_and_in_a_section() -> None:
    """Text that a node supplied stays text."""
    hostile = "<img src=x> [a](javascript:b) `c`"
    repairs = Repairs((Attempt(REBOOT, Outcome.OTHER, hostile),), (Left("n", MAJORITY),), MAJORITY)
    report = report_markdown(RunReport("p", "here", datetime(2026, 6, 1, tzinfo=UTC), rows=[], repairs=repairs))
    assert report.split("\n")[4].startswith("🔧 **It is not the nodes:**")
    assert "## Repair" in report
    html = MarkdownIt("commonmark", {"html": True}).render(report)
    assert "<img" not in html
    assert "javascript:b</" not in html.replace("<code>", "")
