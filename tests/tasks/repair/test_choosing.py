"""Which node is next, by the pool as it is at that moment; the decision itself is told in tests/batchcert/repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from batchcert.repair.choice import Choice
from batchcert.repair.steps import Attempt, Outcome, Repair, Step
from batchcert.spec import BusyChoice, RepairChoice, RepairSpec, VisitSpec
from batchcert.verdict.finding import Row
from batchcert.verdict.reasons import Reason
from tasks.repair.choosing import choose_repair
from tasks.repair.revisiting import visit_again

from .conftest import Farm, run

pytestmark = pytest.mark.slow

ASKED = RepairSpec(stale_nodes=RepairChoice.REIMAGE)
VISIT = VisitSpec()
STALE, CURRENT = Reason.ROTATION_OVERDUE.finding("older"), Reason.CURRENT.finding("well")


def choose(farm: Farm, stale: str, asked: RepairSpec = ASKED, *attempts: Attempt) -> Choice:
    """The choice where that one node is stale, with a version that was issued after the last boot of all nodes."""
    issued = max(node.booted_at for node in farm.nodes().values() if node.booted_at) + timedelta(microseconds=1)
    expected = tuple(replace(one, issued_at=issued) for one in farm.watched.expected)
    (certificate,) = expected
    rows = [Row(node, certificate.label, STALE if node == stale else CURRENT) for node in farm.nodes()]
    watched = replace(farm.watched, expected=expected)
    return run(choose_repair, farm.target, watched, rows, attempts, asked, timedelta(0))


def test_an_idle_node_is_next_and_nothing_is_written(farm: Farm) -> None:
    """To look is not to act."""
    node = min(farm.nodes())
    (label,) = (one.label for one in farm.watched.expected)
    reboot = Repair(node, Step.REBOOT, (label,))
    assert choose(farm, node) == Choice(reboot)
    reimage = choose(farm, node, ASKED, Attempt(reboot, Outcome.STALE)).next
    assert reimage == replace(reboot, step=Step.REIMAGE)
    assert [one for one in farm.azure.requests() if one.writes and not one.machine] == []


def test_a_node_on_which_a_task_runs_is_left_or_drained(farm: Farm) -> None:
    """As Batch counts its tasks, whatever the node was when it was visited."""
    node = farm.begin_task()
    choice = choose(farm, node)
    assert choice.next is None
    assert [(left.node, left.why.code) for left in choice.left] == [(node, "repair-node-busy")]
    drain = choose(farm, node, ASKED.model_copy(update={"busy_nodes": BusyChoice.DRAIN}))
    assert drain.next is not None
    assert drain.next.node == node
    farm.end_task()


def test_a_node_is_visited_by_itself(farm: Farm) -> None:
    """Nobody else gets a user; one that has left the pool is told as gone."""
    node, other = sorted(farm.nodes())
    visited = run(visit_again, farm.target, farm.watched, node, VISIT)
    assert [one.node_id for one in visited.nodes] == [node]
    assert [visit.report is not None for visit in visited.visits] == [True]
    assert not any(other in one.path for one in farm.azure.requests() if one.writes and not one.machine)
    gone = run(visit_again, farm.target, farm.watched, "tvmps_gone", VISIT)
    assert (gone.nodes, gone.visits) == ((), ())
