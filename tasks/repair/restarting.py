"""The step that gives a node a new start, and waits until it is up again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast
from uuid import UUID

from azure.batch import BatchClient
from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from batchcert.outcomes import Watched
from batchcert.repair.coming_up import Coming, coming_up, not_up_in_time
from batchcert.repair.steps import Repair
from batchcert.spec import RepairSpec, Target
from batchcert.verdict.evidence import NodeView
from tasks.artifacts import artifact_key
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import restarts
from tasks.connecting import connect
from tasks.nodes import FIRST_PAUSE, LONGEST_PAUSE
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass

Look = Callable[[], NodeView | None]


@task(
    name="restart",
    task_run_name="{repair.step} {repair.node}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def restart_node(target: Target, watched: Watched, repair: Repair, before: NodeView, asked: RepairSpec) -> None:
    """Have Batch take the step once the node's tasks have ended, and wait until the node is up again; bounded.

    *before*: the node as it was when the step was decided on: a step that was begun already is not taken twice, so
    that this may be tried again. A run that is cancelled meanwhile, or ends, leaves the node to Batch, which goes on.

    Raises: Problem `repair-not-up` where the node is broken, gone, or not up in time.
    """
    log = get_run_logger()
    with connect(target).nodes(watched.endpoint) as api:
        look = _looking(api, watched.pool, repair.node)
        if coming_up(before, look()) is Coming.NOT_BEGUN:
            restarts.restart(api, watched.pool, repair.node, repair.step)
        try:
            wait_until_up(repair, before, look, _progress(target, watched.pool, repair), asked.up_minutes)
        except BaseException:
            log.warning("node %s was told to %s; Batch goes on with that by itself", repair.node, repair.step)
            raise


def wait_until_up(
    repair: Repair,
    before: NodeView,
    look: Look,
    tell: Callable[[Coming, NodeView | None], None],
    minutes: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Look at the node again and again until it is up anew, and *tell* how far it has come each time.

    Raises: Problem `repair-not-up` where it will not come, or has not after *minutes*.
    """
    deadline, pause, begun = monotonic() + minutes * 60, FIRST_PAUSE, False
    while True:
        node = look()
        coming = coming_up(before, node, begun=begun)
        tell(coming, node)
        if coming is Coming.UP:
            return
        if coming is Coming.LOST or monotonic() + pause > deadline:
            raise not_up_in_time(repair, node, minutes)
        begun = begun or coming is Coming.ON_ITS_WAY
        sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)


def _looking(api: BatchClient, pool: str, node: str) -> Look:
    return lambda: next((one for one in batch_nodes.listed(api, pool) if one.node_id == node), None)


def _progress(target: Target, pool: str, repair: Repair) -> Callable[[Coming, NodeView | None], None]:
    """Tells the run's log and its progress artifact whatever has changed."""
    log = get_run_logger()
    key = artifact_key("repair", target, pool)
    artifact = cast("UUID", create_progress_artifact(0.0, key, f"{repair.step} of node {repair.node}"))
    last = ""

    def tell(coming: Coming, node: NodeView | None) -> None:
        nonlocal last
        words = f"{repair.step} of node {repair.node}: {node.state if node else 'gone'}"
        if words == last:
            return
        last = words
        log.info("%s", words)
        update_progress_artifact(artifact, progress=coming.percent, description=words)

    return tell
