"""How nodes were looked at, and what was not compared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchcert.problems import Problem
from batchcert.spec import Channel, CrossCheck, VisitSpec
from batchcert.verdict.judging import NodeVisit
from batchcert.verdict.looked import Looked, Uncrossed, sees_no_leaf, uncrossed
from batchcert.visit.report import NodeReport

REPORT = NodeReport(datetime(2026, 6, 1, tzinfo=UTC), (), ())
WHY = Problem("ssh-connect-failed", what="no connection", cure="open the port")
SEEN, FAILED = NodeVisit("n", REPORT), NodeVisit("n", failure=WHY)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (SEEN, SEEN, ()),
        (SEEN, FAILED, (Uncrossed("n", Channel.SSH, WHY),)),
        (SEEN, None, (Uncrossed("n", Channel.SSH, None),)),
        (FAILED, SEEN, (Uncrossed("n", Channel.TASK, WHY),)),
        (FAILED, FAILED, ()),
        (FAILED, None, ()),
    ],
    ids=["both", "first alone", "not looked again", "second alone", "neither", "first failed, no second"],
)
def test_what_was_not_compared(first: NodeVisit, second: NodeVisit | None, found: tuple[Uncrossed, ...]) -> None:
    """A node of which one channel alone has an answer, and why the other has none."""
    others = {"n": second} if second else {}
    assert uncrossed({"n": first}, others, Channel.TASK, Channel.SSH) == found


def test_the_heading_names_the_channels() -> None:
    """One, or both."""
    assert str(Looked()) == "ssh"
    assert str(Looked(Channel.TASK, cross=Channel.SSH)) == "task, cross-checked through ssh"


@pytest.mark.parametrize("channel", Channel)
def test_what_follows_a_certificate_has_to_see_it(channel: Channel) -> None:
    """Through the extension's view it never would, whatever looks besides."""
    cross = CrossCheck.NONE if channel is Channel.SSH else CrossCheck.SSH
    problem = sees_no_leaf(VisitSpec(channel=channel, cross_check=cross), "a drill")
    assert (problem is not None) is (channel is Channel.EXTENSION)
