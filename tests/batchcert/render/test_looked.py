"""How nodes were looked at, in the report."""

from __future__ import annotations

from datetime import UTC, datetime

from batchcert.problems import Problem
from batchcert.render.looked import looked_section, looked_words
from batchcert.render.markdown import report_markdown
from batchcert.render.report import RunReport
from batchcert.spec import Channel
from batchcert.verdict.looked import Looked, Uncrossed

NODE = "tvmps_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef_d"
WHY = Problem("ssh-connect-failed", what=f"{NODE}: no connection", cure="open the port")


def test_the_first_lines_name_the_channels() -> None:
    """Where nobody looked, none."""
    report = RunReport("p", "Batch account a", datetime(2026, 6, 1, tzinfo=UTC), looked=Looked(Channel.TASK))
    assert report_markdown(report).split("\n")[2].endswith(", looked at through task")
    assert looked_words(None) == ""
    assert looked_section(None, "") == []


def test_what_goes_without_saying_is_not_said() -> None:
    """A channel that was asked for, and a cross-check that met every node."""
    assert looked_section(Looked(), "") == []
    assert looked_section(Looked(Channel.TASK, cross=Channel.SSH), "") == []


def test_a_choice_of_the_run_s_own_has_its_reason() -> None:
    """In a code span, since it may quote Azure."""
    (section,) = looked_section(Looked(Channel.TASK, "no inbound NAT pool leads to port 22"), "")
    assert section == "- through task, by this run's own choice: `no inbound NAT pool leads to port 22`"
    (section,) = looked_section(Looked(not_crossed="ssh is the channel that this run chose itself"), "")
    assert section == "- not cross-checked: `ssh is the channel that this run chose itself`"


def test_nodes_that_were_not_compared_are_told_together() -> None:
    """By the channel that has no answer and why, a few by name."""
    missed = [Uncrossed(f"node-{number}", Channel.SSH, WHY) for number in range(7)]
    missed += [Uncrossed("other", Channel.TASK, None), Uncrossed(NODE, Channel.SSH, WHY)]
    (section,) = looked_section(Looked(Channel.TASK, cross=Channel.SSH, uncrossed=tuple(missed)), "/pages/")
    ssh, task = section.split("\n")
    assert ssh.startswith(
        "- not cross-checked on 8 nodes (`node-0`, `node-1`, `node-2`, `node-3`, `node-4` and 3 more)"
    )
    assert "of which ssh has no answer: " in ssh
    assert "([ssh-connect-failed](/pages/ssh-connect-failed.md)). **What to do:** open the port" in ssh
    assert task == "- not cross-checked on 1 node (`other`), of which task has no answer"


def test_a_node_goes_by_its_short_name() -> None:
    """Also in what Azure or SSH says of it."""
    looked = Looked(Channel.TASK, cross=Channel.SSH, uncrossed=(Uncrossed(NODE, Channel.SSH, WHY),))
    (section,) = looked_section(looked, "")
    assert NODE not in section
    assert "…" in section
