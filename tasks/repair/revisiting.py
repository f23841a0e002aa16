"""The step that visits one node again, before and after it gets a new start."""

from __future__ import annotations

from prefect import task

from batchcert.outcomes import Visited, Watched
from batchcert.spec import Target, VisitSpec
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass
from tasks.visiting import visit_some


@task(
    name="visit again",
    task_run_name="visit node {node} again",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def visit_again(target: Target, watched: Watched, node: str, limits: VisitSpec) -> Visited:
    """What came of this one node, by itself: no node in it where the pool has it no more.

    Called directly, in the flow's main thread, as `tasks.visit.visit_nodes` is.
    """
    return visit_some(connect(target), watched, {node}, limits)
