"""New nodes are visited until all are current, or until it is known that they will not be."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from batchcert.changes import Action, Change
from batchcert.outcomes import PoolReady
from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem
from batchcert.spec import ChangeSpec
from batchcert.verdict.finding import Finding, Row, Verdict
from batchcert.verdict.rollup import PoolVerdict, roll_up
from flows.carrying_out import LOOK_SECONDS, until_current

MADE = PoolReady("/x/pools/new", "a.example", Change(Action.CREATE, "pool/new"))


def verdict(*of_nodes: Verdict) -> PoolVerdict:
    """What is true of a certificate on each node."""
    rows = [
        Row(node=str(number), certificate="v/c", finding=Finding(one, "reason", "message"))
        for number, one in enumerate(of_nodes)
    ]
    return roll_up(rows)


CURRENT = verdict(Verdict.CURRENT, Verdict.CURRENT)
PENDING = verdict(Verdict.CURRENT, Verdict.PENDING)


class Scene:
    """A pool of which each look finds the next of *found*, and the last for ever; its clock moves by what is slept."""

    def __init__(self, *found: PoolVerdict) -> None:
        self._found = itertools.chain(found, itertools.repeat(found[-1]))
        self.now = 0.0
        self.looks = 0

    def look(self) -> PoolVerdict:
        self.looks += 1
        return next(self._found)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def until_current(self, minutes: float = 30) -> Any:
        plan = ChangePlan("old", Way.BESIDE, new_pool="new")
        asked = ChangeSpec(current_minutes=minutes)
        return until_current(self.look, plan, asked, sleep=self.sleep, monotonic=lambda: self.now)


def test_pending_nodes_are_visited_again() -> None:
    """Until all are current."""
    scene = Scene(PENDING, PENDING, CURRENT)
    assert scene.until_current() == CURRENT
    assert (scene.looks, scene.now) == (3, 2 * LOOK_SECONDS)


@pytest.mark.parametrize(
    "found",
    [verdict(Verdict.CURRENT, worst) for worst in Verdict if not worst.fine] + [verdict()],
    ids=lambda found: str(found.verdict),
)
def test_what_will_not_pass_is_not_waited_for(found: PoolVerdict) -> None:
    """A node that is not fine, or no node at all."""
    scene = Scene(found)
    with pytest.raises(Problem) as stopped:
        scene.until_current()
    assert stopped.value.code == "new-pool-not-current"
    assert scene.looks == 1


@pytest.mark.parametrize("found", [PENDING, verdict(Verdict.CURRENT, Verdict.SKIPPED)], ids=["pending", "skipped"])
def test_waiting_ends_in_time(found: PoolVerdict) -> None:
    """A node that stays pending, or is skipped, has proved nothing."""
    scene = Scene(found)
    with pytest.raises(Problem) as stopped:
        scene.until_current(minutes=2)
    assert stopped.value.code == "new-pool-not-current"
    assert 120 - LOOK_SECONDS <= scene.now <= 120
