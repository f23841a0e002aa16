"""The steps that let a pool's nodes go, and give it nodes again; no task is ever ended for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from azure.batch import BatchClient
from azure.mgmt.batch import BatchManagementClient
from prefect import task
from prefect.logging import get_run_logger

from batchcert.arm_ids import ArmId
from batchcert.plan.account import no_account
from batchcert.plan.changing.bodies import scale_body, zero_scale
from batchcert.plan.changing.jobs import needing
from batchcert.plan.changing.stops import not_emptied, tasks_run
from batchcert.plan.json_path import at
from batchcert.plan.pool import ObservedPool, no_pool
from batchcert.plan.readiness import Readiness
from batchcert.problems import Problem
from batchcert.spec import Target
from batchcert.verdict.evidence import NodeView
from tasks.azure_api import jobs, pools
from tasks.azure_api import nodes as batch_nodes
from tasks.connecting import connect
from tasks.nodes import MARGIN_MINUTES, wait
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass

STOP_MINUTES = 5  # what Batch may take to stop a resize

Scale = dict[str, Any]


@task(
    name="empty",
    task_run_name="let the nodes of {pool} go",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def empty_pool(target: Target, pool: str, resize_timeout_minutes: int) -> Scale:
    """Resize the pool to zero nodes, where no task runs; gives the `scaleSettings` that it had.

    Raises: Problem `pool-has-running-tasks` before anything is changed; `pool-not-emptied` where nodes stay because
    tasks began on them meanwhile: the pool then gets back the size that it had.
    """
    with _sizing(target, pool, resize_timeout_minutes) as sizing:
        return sizing.to_zero()


@task(
    name="empty the old pool",
    task_run_name="let the nodes of {pool} go, if nobody needs them",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def empty_if_idle(target: Target, pool: str, resize_timeout_minutes: int) -> str:
    """Resize the pool to zero nodes where no job is bound to it and no task runs; gives why not, or ""."""
    with _sizing(target, pool, resize_timeout_minutes) as sizing:
        if bound := needing(jobs.listed(sizing.api), pool):
            return f"pool {pool} keeps its nodes: {', '.join(bound)} still belong to it"
        try:
            sizing.to_zero()
        except Problem as problem:
            return problem.what
    return ""


@task(
    name="resize",
    task_run_name="resize {pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def resize_pool(target: Target, pool: str, scale: Mapping[str, object]) -> None:
    """Have Batch bring the pool to the `scaleSettings` *scale*; its nodes are not waited for."""
    with connect(target).pools(target.subscription_id) as api:
        pools.update(api, target.pool_id(pool), scale_body(scale))


@dataclass(frozen=True)
class _Sizing:
    """A pool, and the clients of both planes that it takes to size it."""

    management: BatchManagementClient
    api: BatchClient
    pool: ArmId
    minutes: int

    def to_zero(self) -> Scale:
        """Let all nodes go, where no task runs; whatever keeps some of them, the pool gets back its size."""
        observed = self._read()
        scale: Scale = dict(at(observed.body, "properties.scaleSettings") or {})
        if busy := batch_nodes.running_tasks(self.api, self.pool.name):
            raise tasks_run(self.pool.name, busy)
        if not (observed.target_nodes or observed.current_nodes or "autoScale" in scale):
            return scale
        try:
            pools.update(self.management, self.pool, scale_body(zero_scale(self.minutes)))
            left = self._settled(self.minutes + MARGIN_MINUTES)
        except BaseException:
            self._give_back(scale)
            raise
        if left:
            self._give_back(scale)
            raise not_emptied(self.pool.name, left)
        return scale

    def _give_back(self, scale: Scale) -> None:
        """A pool takes no other size before the resize that is under way was stopped."""
        pools.stop_resize(self.management, self.pool)
        self._settled(STOP_MINUTES)
        pools.update(self.management, self.pool, scale_body(scale))

    def _settled(self, minutes: float) -> int:
        """How many nodes there are once Batch resizes no more; those that wait for their tasks are among them."""
        log = get_run_logger()

        def look() -> tuple[ObservedPool, list[NodeView]]:
            known = batch_nodes.listed(self.api, self.pool.name)
            staying = [node for node in known if node.state != "leavingpool"]
            return self._read(), staying

        def tell(seen: Readiness) -> None:
            log.info("pool %s: %s", self.pool.name, seen)

        wait(look, tell, minutes)
        return self._read().current_nodes

    def _read(self) -> ObservedPool:
        observed = pools.read(self.management, self.pool)
        if observed is None:
            raise no_pool(self.pool.name)
        return observed


@contextmanager
def _sizing(target: Target, pool: str, minutes: int) -> Iterator[_Sizing]:
    azure = connect(target)
    with azure.pools(target.subscription_id) as management:
        account = pools.read_account(management, target.account_id)
        if account is None:
            raise no_account(target)
        with azure.nodes(account.endpoint) as api:
            yield _Sizing(management, api, target.pool_id(pool), minutes)
