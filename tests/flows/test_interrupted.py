"""Runs of a worker that are cancelled, that are killed, and that wait for one another."""

from __future__ import annotations

import pytest

from .asked import begun, ended
from .interruption import Interrupted
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_run_cancelled_in_mid_visit_leaves_no_user(interrupted: Interrupted) -> None:
    """Its node had a user and was being visited when somebody cancelled the run in the page."""
    assert interrupted.visiting[0] == {"batchcert"}
    assert interrupted.cancelled.state == "CANCELLED"
    assert interrupted.left_by_cancelled == set()


def test_runs_for_different_pools_do_not_wait(interrupted: Interrupted) -> None:
    """Both were visiting at the same time."""
    assert interrupted.side_by_side == ("RUNNING", "RUNNING")
    assert interrupted.visiting == ({"batchcert"}, {"batchcert"})


def test_runs_for_one_pool_never_overlap(line: Line, interrupted: Interrupted) -> None:
    """The later one took no step while the earlier one had the pool, and went on by itself after that."""
    assert interrupted.waiting == {}
    assert interrupted.waited.said == "Completed: 3 nodes: 3 current"
    earlier, later = (line.steps(run.id) for run in (interrupted.cancelled, interrupted.waited))
    assert max(ended(step) for step in earlier.values()) <= min(begun(step) for step in later.values())
