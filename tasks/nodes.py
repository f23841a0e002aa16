"""The step that waits until all nodes of a pool are there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import cast
from uuid import UUID

from azure.batch import BatchClient
from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from batchcert.arm_ids import parse_arm_id
from batchcert.outcomes import NodesReady, PoolReady
from batchcert.plan.pool import ObservedPool, no_pool
from batchcert.plan.readiness import ExtensionFault, Readiness, not_ready_in_time, readiness, readiness_problems
from batchcert.problems import Problem, raise_all
from batchcert.spec import PoolSpec, Target
from batchcert.verdict.evidence import NodeView
from tasks.artifacts import artifact_key
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import pools
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass

MARGIN_MINUTES = 15  # what nodes need after they were allocated: boot, extension, start task
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two looks
EXPLAINED_NODES = 20  # of how many broken nodes the guest agent is asked why

Look = Callable[[], tuple[ObservedPool, list[NodeView]]]


@task(
    name="nodes",
    task_run_name="wait for the nodes of {pool.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def await_nodes(target: Target, pool: PoolReady, spec: PoolSpec) -> NodesReady:
    """Wait until the pool is steady and its nodes idle or running; bounded by the resize timeout and a margin.

    Raises: all at once, Problem `pool-resize-failed`, `node-unusable`, `node-start-task-failed`, `nodes-missing`, with
    Batch's own codes and messages and the extension's words where it is the cause; `nodes-not-ready` after that time.
    """
    azure, wanted = connect(target), parse_arm_id(pool.arm_id)
    with azure.pools(wanted.subscription) as management, azure.nodes(pool.endpoint) as api:

        def look() -> tuple[ObservedPool, list[NodeView]]:
            observed = pools.read(management, wanted)
            if observed is None:
                raise no_pool(pool.name)
            return observed, batch_nodes.listed(api, pool.name)

        minutes = spec.resize_timeout_minutes + MARGIN_MINUTES
        observed, seen = wait(look, _progress(target, pool.name), minutes)
        faults = _explained(api, pool.name, readiness(observed, seen).broken)
    raise_all(readiness_problems(observed, seen, faults))
    return NodesReady(pool.name, tuple(seen), azure.clock.now)


def wait(
    look: Look,
    tell: Callable[[Readiness], None],
    minutes: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[ObservedPool, list[NodeView]]:
    """Look again and again until nothing moves any more, and *tell* how far the pool has come each time.

    Raises: Problem `nodes-not-ready` after *minutes*.
    """
    deadline, pause = monotonic() + minutes * 60, FIRST_PAUSE
    while True:
        pool, nodes = look()
        seen = readiness(pool, nodes)
        tell(seen)
        if seen.done:
            return pool, nodes
        if monotonic() + pause > deadline:
            raise not_ready_in_time(pool, seen, minutes)
        sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)


def _progress(target: Target, pool: str) -> Callable[[Readiness], None]:
    """Tells the run's log and its progress artifact whatever has changed."""
    log = get_run_logger()
    key = artifact_key("nodes-ready", target, pool)
    artifact = cast("UUID", create_progress_artifact(0.0, key, f"nodes of pool {pool}"))  # async only in async code
    last = ""

    def tell(seen: Readiness) -> None:
        nonlocal last
        if str(seen) == last:
            return
        last = str(seen)
        log.info("pool %s: %s", pool, seen)
        update_progress_artifact(artifact, progress=seen.percent, description=f"pool {pool}: {seen}")

    return tell


def _explained(api: BatchClient, pool: str, broken: tuple[str, ...]) -> list[ExtensionFault]:
    """What the guest agents of *broken* nodes say; one that says nothing, or is gone, explains nothing."""

    def ask() -> Iterator[ExtensionFault]:
        for node in islice(broken, EXPLAINED_NODES):
            try:
                yield from batch_nodes.extension_faults(api, pool, node)
            except Problem:
                continue

    return list(ask())
