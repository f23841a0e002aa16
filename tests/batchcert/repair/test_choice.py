"""Which stale node is next, which step, and why not: the decision as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.problems import Problem
from batchcert.repair.choice import REST, Situation, choose
from batchcert.repair.overdue import Overdue
from batchcert.repair.steps import Attempt, Outcome, Repair, Step
from batchcert.spec import BusyChoice, RepairChoice, RepairSpec
from batchcert.verdict.evidence import NodeView

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUED = NOW - timedelta(days=3)
LONG_AGO = ISSUED - timedelta(days=30)
V = ("v/c",)
REBOOT, REIMAGE = Step.REBOOT, Step.REIMAGE
NOT_UP = Problem("repair-not-up", what="it is starting", cause="its tasks", cure="wait")
MAJORITY = Problem("repair-majority-stale", what="2 of 2")

UP_TO_REBOOT = RepairSpec(stale_nodes=RepairChoice.REBOOT)
UP_TO_REIMAGE = RepairSpec(stale_nodes=RepairChoice.REIMAGE)


def node(name: str, state: str = "idle", booted: datetime | None = LONG_AGO) -> NodeView:
    return NodeView(name, state, LONG_AGO, LONG_AGO, booted_at=booted)


def tried(name: str, step: Step, outcome: Outcome = Outcome.STALE) -> Attempt:
    return Attempt(Repair(name, step, V), outcome, "seen")


def like(asked: RepairSpec, **changes: object) -> RepairSpec:
    return asked.model_copy(update=changes)


A, B, C = node("a"), node("b"), node("c")
SINCE = node("a", booted=ISSUED + timedelta(hours=1))
LATELY = node("a", booted=NOW - REST + timedelta(minutes=1))


@dataclass(frozen=True)
class Case:
    """What is known, and what is to come of it: a step for a node, or a code for each stale node."""

    behind: str
    nodes: Sequence[NodeView]
    then: tuple[str, Step] | dict[str, str]
    asked: RepairSpec = UP_TO_REIMAGE
    attempts: Sequence[Attempt] = ()
    busy: dict[str, int] = field(default_factory=dict)
    majority: Problem | None = None


CASES: dict[str, Case] = {
    "nothing is stale": Case("", [A, B], {}),
    # Which step.
    "a reboot first": Case("a", [A, B], ("a", REBOOT)),
    "then a reimage": Case("a", [LATELY, B], ("a", REIMAGE), attempts=[tried("a", REBOOT)]),
    "a reimage where somebody has rebooted it": Case("a", [SINCE, B], ("a", REIMAGE)),
    "a reboot where its last boot is not known": Case("a", [node("a", booted=None), B], ("a", REBOOT)),
    "not a reimage soon after a boot that did not help": Case("a", [LATELY, B], {"a": "repair-tried-lately"}),
    "not more than a reboot where no more is allowed": Case(
        "a", [A, B], {"a": "repair-without-effect"}, UP_TO_REBOOT, [tried("a", REBOOT)]
    ),
    "no second reboot, whoever did the first": Case("a", [SINCE, B], {"a": "repair-without-effect"}, UP_TO_REBOOT),
    # Which node.
    "by their ids": Case("ba", [A, B, C, node("d")], ("a", REBOOT)),
    "the one that was begun with": Case("ab", [A, B, C], ("b", REIMAGE), attempts=[tried("b", REBOOT)]),
    "the next where a reboot did not help and no more is allowed": Case(
        "ab", [A, B, C], ("b", REBOOT), UP_TO_REBOOT, [tried("a", REBOOT)]
    ),
    "the next once the first is current": Case(
        "b", [A, B, C], ("b", REBOOT), attempts=[tried("a", REBOOT, Outcome.CURRENT)]
    ),
    # How many.
    "no more in a run than is allowed": Case(
        "b", [A, B, C], {"b": "repair-enough"}, like(UP_TO_REIMAGE, most_nodes=1), [tried("a", REBOOT, Outcome.CURRENT)]
    ),
    "the last that is allowed is gone on with": Case(
        "a", [A, B], ("a", REIMAGE), like(UP_TO_REIMAGE, most_nodes=1), [tried("a", REBOOT)]
    ),
    "not while another is down": Case("a", [A, node("b", "unusable")], {"a": "repair-too-many-down"}),
    "not while another is preempted": Case("a", [A, node("b", "preempted")], {"a": "repair-too-many-down"}),
    "not while another reboots": Case("a", [A, node("b", "rebooting"), C], {"a": "repair-too-many-down"}),
    "where one more may be down": Case(
        "a", [A, node("b", "offline"), C], ("a", REBOOT), like(UP_TO_REIMAGE, most_down=2)
    ),
    "a node that somebody lets go is none that is down": Case(
        "a", [A, node("b", "leavingpool"), node("c", "deallocated")], ("a", REBOOT)
    ),
    # Nodes that are not there to be restarted, or work.
    "not one that has left the pool": Case("a", [B], {"a": "repair-node-away"}),
    "not one that is on its way already": Case("a", [node("a", "starting"), B], {"a": "repair-node-away"}),
    "not one on which tasks run": Case("a", [node("a", "running"), B], {"a": "repair-node-busy"}, busy={"a": 2}),
    "the next where the first works": Case("ab", [node("a", "running"), B, C], ("b", REBOOT), busy={"a": 1}),
    "one on which tasks run, where it is to be drained": Case(
        "a", [node("a", "running"), B], ("a", REBOOT), like(UP_TO_REIMAGE, busy_nodes=BusyChoice.DRAIN), busy={"a": 2}
    ),
    # When none at all is touched.
    "none where most are stale": Case(
        "ab", [A, B], {"a": "repair-majority-stale", "b": "repair-majority-stale"}, majority=MAJORITY
    ),
    "none after one that a new disk did not help": Case(
        "ab", [A, B, C], {"a": "repair-not-the-node", "b": "repair-not-the-node"}, attempts=[tried("a", REIMAGE)]
    ),
    "none after one that came up without the certificate": Case(
        "b", [A, B, C], {"b": "repair-went-wrong"}, attempts=[tried("a", REBOOT, Outcome.OTHER)]
    ),
    "none after one that did not come up": Case(
        "b",
        [node("a", "starting"), B],
        {"b": "repair-went-wrong"},
        attempts=[replace(tried("a", REBOOT, Outcome.UNDONE), undone=NOT_UP)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_decision(name: str) -> None:
    """One step for one node; or none, and then each stale node has its reason."""
    case = CASES[name]
    behind = [Overdue(one, V, ISSUED) for one in case.behind]
    choice = choose(Situation(behind, case.majority, case.nodes, case.busy, case.attempts, NOW), case.asked)
    if isinstance(case.then, tuple):
        assert choice.next == Repair(*case.then, V)
    else:
        assert choice.next is None
        assert {left.node: left.why.code for left in choice.left} == case.then
        assert all(left.why.cure or left.why is MAJORITY for left in choice.left)
    stops = {"repair-majority-stale", "repair-not-the-node", "repair-went-wrong"}
    assert (choice.stopped is not None) == bool(stops & {left.why.code for left in choice.left})


def test_it_comes_to_an_end_whatever_happens() -> None:
    """No step is ever taken twice for one node, however little it helps."""
    nodes = [node(name) for name in "abcdefgh"]
    behind = [Overdue(name, V, ISSUED) for name in "abc"]
    attempts: list[Attempt] = []
    while repair := choose(Situation(behind, None, nodes, {}, attempts, NOW), UP_TO_REBOOT).next:
        attempts.append(Attempt(repair, Outcome.STALE))
    assert [(attempt.repair.node, attempt.repair.step) for attempt in attempts] == [(name, REBOOT) for name in "abc"]
