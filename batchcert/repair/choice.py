"""The decision: which stale node is next, what is done to it, and why not to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchcert.problems import Problem
from batchcert.repair.overdue import Overdue
from batchcert.repair.steps import Attempt, Left, Outcome, Repair, Step
from batchcert.repair.whys import Why
from batchcert.spec import BusyChoice, RepairChoice, RepairSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.node import VISITABLE
from batchcert.verdict.words import lasting, moment

GONE = frozenset({"leavingpool", "deallocating", "deallocated"})
"""States of nodes that somebody has let go; a preempted one, which nobody has, is down."""

REST = timedelta(days=1)
"""How long after its last boot a node is not reimaged that no run has rebooted for it: else each run would do it."""


@dataclass(frozen=True)
class Situation:
    """What is known when a decision is made.

    Attributes:
        behind: the nodes that are stale past their grace.
        majority: why it is not for the nodes to be mended, or None.
        nodes: all nodes of the pool, as Batch tells them now.
        busy: how many tasks run on each node that works, by node id.
        attempts: what this run has done so far.
        now: the service's time, UTC.
    """

    behind: Sequence[Overdue]
    majority: Problem | None
    nodes: Sequence[NodeView]
    busy: Mapping[str, int]
    attempts: Sequence[Attempt]
    now: datetime

    def node(self, node_id: str) -> NodeView | None:
        """The node, where the pool still has it."""
        return next((node for node in self.nodes if node.node_id == node_id), None)

    def steps_of(self, node_id: str) -> list[Step]:
        """What this run has done to the node."""
        return [attempt.repair.step for attempt in self.attempts if attempt.repair.node == node_id]


@dataclass(frozen=True)
class Choice:
    """The next repair, or none: then *left* has every stale node, and *stopped* what keeps the run from all of them."""

    next: Repair | None
    left: tuple[Left, ...] = ()
    stopped: Problem | None = None


Check = Callable[[Overdue, Situation, RepairSpec], Problem | None]


def choose(seen: Situation, asked: RepairSpec) -> Choice:
    """What to do next. A node that has been begun with is gone on with before another is touched."""
    if not seen.behind:
        return Choice(None)
    stopped = seen.majority or _went_wrong(seen)
    if stopped:
        return Choice(None, tuple(Left(node.node, stopped) for node in seen.behind), stopped)
    left = []
    for node in sorted(seen.behind, key=lambda node: (not seen.steps_of(node.node), node.node)):
        why = next((problem for check in CHECKS if (problem := check(node, seen, asked))), None)
        if why is None:
            return Choice(Repair(node.node, next_step(node, seen), node.certificates))
        left.append(Left(node.node, why))
    return Choice(None, tuple(left))


def next_step(node: Overdue, seen: Situation) -> Step:
    """A reboot, unless the node has been booted since the version was issued that it lacks: that did not help it."""
    return Step.REIMAGE if Step.REBOOT in seen.steps_of(node.node) or _booted_since(node, seen) else Step.REBOOT


def without_effect(node: Overdue, seen: Situation, asked: RepairSpec) -> Problem | None:
    """A reboot did not help, and more is not allowed."""
    if next_step(node, seen) is Step.REBOOT or asked.stale_nodes is RepairChoice.REIMAGE:
        return None
    return Why.NO_EFFECT.problem(f"node {node.node} is still stale after a reboot")


def tried_lately(node: Overdue, seen: Situation, _asked: RepairSpec) -> Problem | None:
    """It has had a new start that no step of this run was, and not long ago."""
    booted = _booted_since(node, seen)
    if booted is None or seen.steps_of(node.node) or seen.now - booted > REST:
        return None
    return Why.TRIED_LATELY.problem(
        f"node {node.node} was booted {lasting(seen.now - booted)} ago, after the version was issued that it lacks "
        f"({moment(node.issued_at)}), and is stale all the same"
    )


def enough(node: Overdue, seen: Situation, asked: RepairSpec) -> Problem | None:
    """This run has given as many nodes a new start as it may."""
    nodes = {attempt.repair.node for attempt in seen.attempts}
    if node.node in nodes or len(nodes) < asked.most_nodes:
        return None
    return Why.ENOUGH.problem(f"node {node.node}: this run may give no more than {asked.most_nodes} a new start")


def away(node: Overdue, seen: Situation, _asked: RepairSpec) -> Problem | None:
    """Batch restarts nodes that are idle or running alone."""
    known = seen.node(node.node)
    if known and known.state in VISITABLE:
        return None
    return Why.NODE_AWAY.problem(f"node {node.node} is {known.state if known else 'not in the pool any more'}")


def busy(node: Overdue, seen: Situation, asked: RepairSpec) -> Problem | None:
    """Tasks run on it, and it is not to be drained."""
    running = seen.busy.get(node.node, 0)
    if not running or asked.busy_nodes is BusyChoice.DRAIN:
        return None
    return Why.NODE_BUSY.problem(f"node {node.node}: running tasks: {running}")


def too_many_down(node: Overdue, seen: Situation, asked: RepairSpec) -> Problem | None:
    """With this node down, more would be down than may be. Nodes that somebody let go do not count."""
    down = [one for one in seen.nodes if one.state not in VISITABLE | GONE]
    if len(down) < asked.most_down:
        return None
    states = ", ".join(sorted({one.state for one in down}))
    return Why.TOO_MANY_DOWN.problem(f"node {node.node}: down already: {len(down)} ({states})")


CHECKS: tuple[Check, ...] = (without_effect, tried_lately, enough, away, busy, too_many_down)
"""Why a node is not next; the first that speaks tells. The order is from what stays to what passes."""


def _went_wrong(seen: Situation) -> Problem | None:
    """What an attempt of this run says against trying any other node."""
    return next(_against_more(seen.attempts), None)


def _against_more(attempts: Sequence[Attempt]) -> Iterator[Problem]:
    for attempt in attempts:
        repair = attempt.repair
        if attempt.undone:
            yield Problem(
                Why.WENT_WRONG.value,
                what=f"{repair.step} of node {repair.node}: {attempt.undone.what}",
                cause=attempt.undone.cause or Why.WENT_WRONG.cause,
                cure=attempt.undone.cure or Why.WENT_WRONG.cure,
            )
        elif attempt.outcome is Outcome.OTHER:
            yield Why.WENT_WRONG.problem(f"node {repair.node} after its {repair.step}: {attempt.told}")
        elif attempt.outcome is Outcome.STALE and repair.step is Step.REIMAGE:
            yield Why.NO_NODE_FAULT.problem(f"node {repair.node} is still stale, and was reimaged")


def _booted_since(node: Overdue, seen: Situation) -> datetime | None:
    """When the node was last booted, if that was after the version was issued that it lacks."""
    known = seen.node(node.node)
    return known.booted_at if known and known.booted_at and known.booted_at > node.issued_at else None
