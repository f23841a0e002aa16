"""How far a node has come that was told to start anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.repair.coming_up import Coming, coming_up, not_up_in_time
from batchcert.repair.steps import Repair, Step
from batchcert.verdict.evidence import NodeView

BOOTED = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = NodeView("n", "idle", BOOTED, BOOTED, booted_at=BOOTED)
ANEW = replace(BEFORE, booted_at=BOOTED + timedelta(days=1))
UNTOLD = replace(BEFORE, booted_at=None)


@pytest.mark.parametrize(
    ("now", "begun", "coming"),
    [
        (BEFORE, False, Coming.NOT_BEGUN),
        (replace(BEFORE, state="running"), False, Coming.NOT_BEGUN),
        (replace(BEFORE, state="rebooting"), False, Coming.ON_ITS_WAY),
        (replace(BEFORE, state="reimaging"), True, Coming.ON_ITS_WAY),
        (replace(ANEW, state="starting"), True, Coming.ON_ITS_WAY),
        (replace(ANEW, state="waitingforstarttask"), True, Coming.ON_ITS_WAY),
        (ANEW, False, Coming.UP),
        (replace(ANEW, state="running"), False, Coming.UP),
        (BEFORE, True, Coming.UP),
        (replace(ANEW, state="unusable"), True, Coming.LOST),
        (replace(ANEW, state="starttaskfailed"), True, Coming.LOST),
        (replace(BEFORE, state="preempted"), True, Coming.LOST),
        (replace(BEFORE, state="offline"), False, Coming.LOST),
        (None, True, Coming.LOST),
    ],
)
def test_how_far_it_is(now: NodeView | None, begun: bool, coming: Coming) -> None:
    """It is up once it has booted anew, by Batch's time of that or since it was seen on its way."""
    assert coming_up(BEFORE, now, begun=begun) is coming


def test_where_batch_tells_no_times_it_has_to_be_seen_on_its_way() -> None:
    """Otherwise a node that has not begun yet would be taken for one that is up again."""
    assert coming_up(UNTOLD, UNTOLD) is Coming.NOT_BEGUN
    assert coming_up(UNTOLD, UNTOLD, begun=True) is Coming.UP


@pytest.mark.parametrize(
    ("node", "what"),
    [
        (replace(BEFORE, state="rebooting"), "node n was to reboot and is rebooting after 30 minutes"),
        (
            replace(BEFORE, state="unusable", errors=("VMExtensionError: 403", "More: x")),
            "node n was to reboot and is unusable: VMExtensionError: 403; More: x",
        ),
        (None, "node n was to reboot and has left the pool"),
    ],
)
def test_why_it_is_not_up(node: NodeView | None, what: str) -> None:
    """Its state, how long was waited where waiting could have helped, and Batch's own errors."""
    problem = not_up_in_time(Repair("n", Step.REBOOT, ("v/c",)), node, 30.0)
    assert (problem.code, problem.what) == ("repair-not-up", what)
    assert not problem.passes
