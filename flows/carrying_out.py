"""A plan that was approved, carried out in its way; what was done and what is left is told however it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from batchcert.changes import Change
from batchcert.outcomes import PoolReady
from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.stops import new_pool_not_current
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem
from batchcert.render.groups import counted
from batchcert.spec import ChangeSpec, JobsChoice, OldPoolChoice, PoolSpec, Target, ValidationSpec
from batchcert.verdict.finding import Verdict
from batchcert.verdict.rollup import PoolVerdict
from flows.proof import in_one_line, prove
from tasks.changing.beside import make_new_pool
from tasks.changing.moving import move_jobs
from tasks.changing.sizing import empty_if_idle, empty_pool, resize_pool
from tasks.changing.telling import publish_outcome
from tasks.changing.updating import update_pool
from tasks.lease import pool_lease
from tasks.nodes import await_nodes

LOOK_SECONDS = 15.0  # between two validations of new nodes


@dataclass
class Making:
    """A change that is being carried out.

    Attributes:
        desired: the ARM body that is asked for.
        changes: what was done to what the pool stands on.
        done, left: what has been done of the change so far, and what is left, a sentence each.
    """

    target: Target
    plan: ChangePlan
    asked: ChangeSpec
    desired: dict[str, Any]
    pool: PoolSpec
    validation: ValidationSpec
    changes: list[Change]
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def proved(self, pool: PoolReady) -> PoolVerdict:
        """Every node of *pool*, once all are there."""
        await_nodes(self.target, pool, self.pool)
        return prove(self.target, pool.name, self.validation, [*self.changes, pool.change])


def carry_out(making: Making) -> PoolVerdict:
    """Carry out the plan in its way; what its nodes have in the end.

    Raises: Problem, see `batchcert.plan.changing.stops` and the steps.
    """
    ways: dict[Way, Callable[[Making], PoolVerdict]] = {
        Way.IN_PLACE: in_place,
        Way.AT_ZERO: at_zero,
        Way.BESIDE: beside,
    }
    with _told(making):
        if making.plan.way is None:
            raise TypeError("there is nothing to carry out")
        verdict = ways[making.plan.way](making)
        making.done.append(f"visited: {in_one_line(verdict)}")
    return verdict


def in_place(making: Making) -> PoolVerdict:
    """The pool is updated under its nodes."""
    made = update_pool(making.target, making.plan, making.desired, scale=True)
    making.done.append(f"pool {making.plan.pool} was updated")
    return making.proved(made)


def at_zero(making: Making) -> PoolVerdict:
    """All nodes go, the pool is updated, and gets new ones; where Azure refuses the update, those that it had."""
    target, pool = making.target, making.plan.pool
    had = empty_pool(target, pool, making.pool.resize_timeout_minutes)
    making.done.append(f"pool {pool} was emptied of {counted(making.plan.nodes, 'node')}")
    try:
        made = update_pool(target, making.plan, making.desired, scale=False)
    except BaseException:
        resize_pool(target, pool, had)
        making.left.append(f"pool {pool} has its old settings, and gets the nodes that it had")
        raise
    making.done.append(f"pool {pool} was updated")
    resize_pool(target, pool, making.desired["properties"]["scaleSettings"])
    return making.proved(made)


def beside(making: Making) -> PoolVerdict:
    """A new pool; once its nodes are current, the jobs go over, and the old nodes go if that is wanted."""
    target, old, new = making.target, making.plan.pool, making.plan.new_pool
    with pool_lease(target.pool_id(new)):
        made = make_new_pool(target, making.plan, making.desired)
        making.done.append(f"pool {new} is there beside pool {old}")
        verdict = until_current(lambda: making.proved(made), making.plan, making.asked)
        making.done.append(f"all certificates on all nodes of pool {new} are current")
        if making.asked.jobs is JobsChoice.MOVE:
            moved = move_jobs(target, made.endpoint, old, new)
            making.done += moved.done
            making.left += moved.left
        if making.asked.old_pool is OldPoolChoice.EMPTY:
            why_not = empty_if_idle(target, old, making.pool.resize_timeout_minutes)
            (making.left if why_not else making.done).append(why_not or f"pool {old} has no nodes any more")
    making.left.append(
        f"set pool.name to {new} in the region's file and deploy: provision and validate then look to it"
    )
    return verdict


def until_current(
    look: Callable[[], PoolVerdict],
    plan: ChangePlan,
    asked: ChangeSpec,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> PoolVerdict:
    """*look* at the new nodes again and again until all are current; a verdict that is not fine ends that at once.

    Raises: Problem `new-pool-not-current`.
    """
    deadline = monotonic() + asked.current_minutes * 60
    while set((verdict := look()).counts) != {Verdict.CURRENT}:
        if not verdict.fine or not verdict.nodes or monotonic() + LOOK_SECONDS > deadline:
            raise new_pool_not_current(plan.new_pool, plan.pool, in_one_line(verdict))
        sleep(LOOK_SECONDS)
    return verdict


@contextmanager
def _told(making: Making) -> Iterator[None]:
    try:
        yield
    except Exception as stopped:
        why = str(stopped) if isinstance(stopped, Problem) else "an error of its own; see the run's log"
        publish_outcome(making.target, making.plan, making.done, making.left, why)
        raise
    publish_outcome(making.target, making.plan, making.done, making.left)
