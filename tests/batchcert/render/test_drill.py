"""The report of a drill: did every node get it, how long did it take, is that usual?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from markdown_it import MarkdownIt

from batchcert.drill.history import DrillRecord
from batchcert.drill.rollout import Holding, Issued, Rollout, Sight, Stage
from batchcert.drill.statistics import lag_statistics
from batchcert.render.drill import DrillReport, drill_headline, drill_markdown, lag_words
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.reasons import Reason

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEW = "3f9c1a2b77d0e445" * 4
WEB = Issued("kv/web", "8c1f3a2b9d", NEW, AT)


def rollout(**lags: float | None) -> Rollout:
    """A drill in which each node got it after so many seconds, or not at all."""
    nodes = [NodeView(node, "idle", AT, AT) for node in lags]
    made = Rollout((WEB,))
    for lag in sorted({lag for lag in lags.values() if lag is not None} | {300.0}):
        sight = Sight(NEW, AT + timedelta(seconds=lag))
        held = {Holding(node, "kv/web"): sight for node, own in lags.items() if own is not None and own <= lag}
        made = made.after(nodes, held, sight.at)
    return made


def past(*p95s: float) -> list[DrillRecord]:
    """A drill a day."""
    return [
        DrillRecord(
            AT + timedelta(days=day - len(p95s)),
            ("kv/web",),
            3,
            0,
            lag_statistics([timedelta(seconds=lag)]),
            timedelta(seconds=15),
        )
        for day, lag in enumerate(p95s)
    ]


def report(made: Rollout, rows=(), history=()) -> DrillReport:
    """Its report."""
    limit, exact_to = timedelta(minutes=5), timedelta(seconds=15)
    return DrillReport("render", "Batch account b, westus2", AT, made, limit, exact_to, rows, history or past(60))


def test_the_headline_says_whether_every_node_has_it():
    """And when the last one got it."""
    assert drill_headline(report(rollout(a=30, b=75))) == (
        "✔ Drill on pool render: all 2 nodes have it, the last after 1 min 15 s"
    )
    assert drill_headline(report(rollout(a=30))) == "✔ Drill on pool render: its node has it, the last after 30 s"
    assert drill_headline(report(rollout(a=30, b=None))) == (
        "✘ Drill on pool render: 1 of 2 nodes without it after 5 min"
    )
    assert drill_headline(report(rollout())) == "Drill on pool render: it has no nodes, so nothing was measured"


def test_one_line_for_the_run_s_state():
    """The numbers, or the laggards."""
    assert lag_words(rollout(a=30, b=75)) == "Key Vault to nodes: median 52 s, p95 1 min 15 s, max 1 min 15 s"
    assert lag_words(rollout(a=30, b=None)) == "1 of 2 nodes without it: b"
    many = rollout(**{f"n{number}": None for number in range(7)})
    assert lag_words(many) == "7 of 7 nodes without it: n0, n1, n2, n3, n4 and 2 more"
    assert lag_words(rollout()) == "nothing was measured"


def test_the_report_in_its_order(rows):
    """The comparison first, then laggards with their reasons, the numbers with their picture, and the past."""
    given = rows(("a", Reason.CURRENT, "m", "kv/web"), ("b", Reason.ROTATION_OVERDUE, "m", "kv/web"))
    text = drill_markdown(report(rollout(a=30, b=None), given, past(50, 60, 90)))
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# ✘ Drill on pool render: 1 of 2 nodes without it after 5 min",
        "## Laggards",
        "### stale on 1 node: rotation-overdue",
        "## From Key Vault to the nodes",
        "## What was issued",
        "## The drills so far",
    ]
    assert "p95 1 min 30 s: **slower** than usual; the median of the 2 drills before took 55 s." in text
    assert "| the nodes | 1 | 30 s | 30 s | 30 s | 30 s |" in text
    assert "| `kv/web` | `8c1f3a2b` | `3f9c1a2b77d0e445` | 2026-06-01 12:00 UTC |" in text
    assert text.count("](data:image/svg+xml;base64,") == 2


def test_a_first_drill_is_compared_with_nothing():
    """And has no past to show."""
    text = drill_markdown(report(rollout(a=30)))
    assert "The first drill that has measured anything" in text
    assert "## The drills so far" not in text
    assert "## Laggards" not in text


def test_a_hostile_node_gets_nothing_into_the_page(rows, hostile):
    """Its name and what it says stay text."""

    def tags(words: str) -> list[str]:
        made = rollout(**{words: None, "a": 30})
        given = rows((words, Reason.EXTENSION_ERROR, words, "kv/web"))
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(drill_markdown(report(made, given)))
        return [f"{token.type} {[child.type for child in token.children or ()]}" for token in tokens]

    assert tags(hostile) == tags("harmless words")


def test_what_is_served_is_told_beside_what_nodes_have():
    """A plot and a line for each, and the headline is about services."""
    nodes = [NodeView(node, "idle", AT, AT) for node in ("a", "b")]
    sight = {lag: Sight(NEW, AT + timedelta(seconds=lag)) for lag in (30, 90)}
    has = {Holding(node.node_id, "kv/web"): sight[30] for node in nodes}
    serves = {Holding(node.node_id, "kv/web", Stage.SERVICE): sight[90] for node in nodes}
    made = Rollout((replace(WEB, served=True),)).after(nodes, has, sight[30].at).after(nodes, serves, sight[90].at)
    assert drill_headline(report(made)) == ("✔ Drill on pool render: all 2 nodes serve it, the last after 1 min 30 s")
    assert lag_words(made) == (
        "Key Vault to nodes: median 30 s, p95 30 s, max 30 s; "
        "Key Vault to services: median 1 min 30 s, p95 1 min 30 s, max 1 min 30 s"
    )
    text = drill_markdown(report(made))
    assert text.count("data:image/svg+xml") == 2
    assert "| the services | 2 | 1 min 30 s | 1 min 30 s | 1 min 30 s | 1 min 30 s |" in text
