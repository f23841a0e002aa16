"""The step that finds out which stale node is next, by the pool as it is at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from prefect import task

from batchcert.outcomes import Watched
from batchcert.repair.choice import Choice, Situation, choose
from batchcert.repair.overdue import majority_stale, overdue
from batchcert.repair.steps import Attempt
from batchcert.spec import RepairSpec, Target
from batchcert.verdict.finding import Row
from tasks.azure_api import nodes as batch_nodes
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="choose a repair",
    task_run_name="which stale node of {watched.pool} is next",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def choose_repair(  # noqa: PLR0917 - what a decision is made of
    target: Target,
    watched: Watched,
    rows: Sequence[Row],
    attempts: Sequence[Attempt],
    asked: RepairSpec,
    tolerance: timedelta,
) -> Choice:
    """The next step for a node, or why none is taken; see `batchcert.repair.choice`. Nothing is written.

    *rows*: what is true of the nodes, as of when each was visited. *attempts*: what this run has done so far.
    """
    azure = connect(target)
    with azure.nodes(watched.endpoint) as api:
        nodes = batch_nodes.listed(api, watched.pool)
        busy = batch_nodes.running_tasks(api, watched.pool)
    now = azure.clock.now
    behind = overdue(rows, watched.expected, tolerance=tolerance, now=now)
    majority = majority_stale(rows, behind, watched.view)
    return choose(Situation(behind, majority, nodes, busy, attempts, now), asked)
