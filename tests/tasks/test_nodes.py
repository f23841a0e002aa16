"""Waiting for nodes: until nothing moves, with progress, and not for ever."""

import pytest

from batchcert.plan.pool import ObservedPool
from batchcert.problems import Problem
from batchcert.verdict.evidence import NodeView
from tasks.nodes import LONGEST_PAUSE, wait


class Farm:
    """A pool that is in each of *stages* for one look, and in the last for ever; its clock moves by what is slept."""

    def __init__(self, *stages):
        self.stages = list(stages)
        self.now = 0.0
        self.pauses = []

    def look(self):
        allocation, *states = self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]
        pool = ObservedPool("/x/pools/farm", {}, allocation, "Succeeded", target_nodes=2, current_nodes=len(states))
        return pool, [NodeView(str(number), state, None, None) for number, state in enumerate(states)]

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def wait(self, minutes=30):
        told = []
        result = wait(self.look, told.append, minutes, sleep=self.sleep, monotonic=lambda: self.now)
        return result, told


def test_it_looks_until_all_nodes_are_idle():
    """And tells how far the pool is at every look."""
    farm = Farm(
        ("Resizing",), ("Resizing", "creating", "starting"), ("Steady", "idle", "starting"), ("Steady", "idle", "idle")
    )
    (pool, nodes), told = farm.wait()
    assert pool.allocation == "Steady"
    assert [node.state for node in nodes] == ["idle", "idle"]
    assert [seen.percent for seen in told] == [0, 0, 50, 100]


def test_a_pool_that_is_ready_is_not_waited_for():
    """One look is enough."""
    farm = Farm(("Steady", "idle", "running"))
    farm.wait()
    assert farm.pauses == []


def test_broken_nodes_end_the_wait_once_the_others_have_settled():
    """So that all of them are told together."""
    farm = Farm(("Steady", "unusable", "starting"), ("Steady", "unusable", "starttaskfailed"))
    (_, nodes), _ = farm.wait()
    assert [node.state for node in nodes] == ["unusable", "starttaskfailed"]


def test_pauses_grow_to_a_bound():
    """Soon at first, for small pools; later at a pace that a large account stands."""
    farm = Farm(*[("Resizing",)] * 40, ("Steady", "idle", "idle"))
    farm.wait()
    assert farm.pauses == sorted(farm.pauses)
    assert farm.pauses[0] < 1
    assert farm.pauses[-1] == LONGEST_PAUSE


def test_waiting_ends_in_time_and_says_how_far_it_came():
    """The resize timeout and a margin, not for ever."""
    farm = Farm(("Resizing", "idle", "starting"))
    with pytest.raises(Problem) as given_up:
        farm.wait(minutes=10)
    assert given_up.value.code == "nodes-not-ready"
    assert "1 of 2 nodes ready" in given_up.value.what
    assert 10 * 60 - LONGEST_PAUSE <= farm.now <= 10 * 60
