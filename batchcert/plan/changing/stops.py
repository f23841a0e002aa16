"""What stops a change, each with what was left and how to go on."""

from __future__ import annotations

from collections.abc import Mapping

from batchcert.problems import Problem
from batchcert.render.groups import counted

_NODES_NAMED = 5


def not_approved(pool: str, why: str) -> Problem:
    """Nobody has approved the plan. *why*: what happened instead."""
    return Problem(
        "change-not-approved",
        what=f"the change of pool/{pool} was not approved: {why}; nothing was changed",
        cause="a pool that exists is changed only once somebody has read the plan and approved it",
        cure="run change again and approve its plan in the page (Resume), or set approve",
    )


def loses(pool: str, lost: tuple[str, ...]) -> Problem:
    """A plan that loses something is approved by a person who has read it."""
    return Problem(
        "change-loses-settings",
        what=f"the change of pool/{pool} would lose {'; '.join(lost)}; nothing was changed",
        cause="approve says yes before the plan is known, and this plan loses what cannot be carried over",
        cure="run change without approve, read the plan, and approve it in the page; give what is lost afterwards",
    )


def tasks_run(pool: str, busy: Mapping[str, int]) -> Problem:
    """Tasks run on the pool whose nodes were to go. *busy*: running tasks by node id."""
    nodes, tasks = ", ".join(list(busy)[:_NODES_NAMED]), counted(sum(busy.values()), "running task")
    return Problem(
        "pool-has-running-tasks",
        what=f"{tasks} on pool/{pool} (on {nodes}); its nodes were left as they are",
        cause="nodes go only while no task runs on them: no job is ever interrupted",
        cure="run change again when they have ended, or set change.way to new-pool: the old nodes work on meanwhile",
    )


def not_emptied(pool: str, left: int) -> Problem:
    """Nodes did not go in time."""
    return Problem(
        "pool-not-emptied",
        what=f"{counted(left, 'node')} of pool/{pool} did not go within the resize timeout; it gets back its size",
        cause="tasks began on them after the run had looked, and nodes finish their tasks before they go",
        cure="disable the pool's jobs or wait for their tasks, and run change again; or set change.way to new-pool",
    )


def new_pool_differs(pool: str, fields: tuple[str, ...]) -> Problem:
    """There is a pool of the new pool's name, and it is another."""
    return Problem(
        "new-pool-differs",
        what=f"pool/{pool} exists and differs from what is asked for: {', '.join(fields)}; no pool was changed",
        cause="somebody else made it, or it was changed after an earlier run had made it",
        cure="set change.suffix to another, or bring that pool to what is asked for by a change of its own",
    )


def new_pool_not_current(pool: str, old: str, verdict: str) -> Problem:
    """The new pool's nodes do not have all certificates. *verdict*: how many nodes have which."""
    return Problem(
        "new-pool-not-current",
        what=f"pool/{pool}: {verdict}; nothing was switched, and pool/{old} is as it was",
        cause="nothing is switched before all certificates on all nodes of the new pool are current",
        cure="see the report of the new pool, remove what it names, and run change again: it takes up the same pool",
    )
