"""A step that fails with what passes is tried again, by Prefect and visibly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from flows.provision import provision
from local_azure.cloud import Cloud

from .conftest import Provisioned, foreign_pool, wanted
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LEAVING = "leaving"


class Told(logging.Handler):
    """Calls *then* once, when Prefect's log says that a step will be tried again."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then: Callable[[], None] | None = then

    def emit(self, record: logging.LogRecord) -> None:
        if self._then and "Retry 1/2 will start" in record.getMessage():
            then, self._then = self._then, None
            then()


def test_a_pool_is_made_once_its_namesake_is_gone(line: Line, provisioned: Provisioned) -> None:
    """Batch takes minutes to delete a pool, and refuses the name until then: a refusal that passes."""
    let_go = half_deleted(line, LEAVING)
    logger, told = logging.getLogger("prefect.task_runs"), Told(let_go)
    logger.addHandler(told)
    try:
        run = line.run(provision, **wanted(line.target, LEAVING, nodes=0, identity=LEAVING))
    finally:
        logger.removeHandler(told)
        let_go()
    assert run.said == "Completed: 0 nodes: none to be judged", line.log(run.id)
    counts = {name: step["run_count"] for name, step in line.steps(run.id).items()}
    assert counts.pop(f"preflight for {LEAVING}") == 2
    assert set(counts.values()) == {1}


def half_deleted(line: Line, pool: str) -> Callable[[], None]:
    """Have a pool be made and deleted, and its one node held back; gives what lets it go."""
    account = line.target.batch_account
    foreign_pool(line, pool, nodes=1)
    nodes = line.azure.call(lambda cloud: cloud.batch.state.accounts[account].pools[pool].nodes)
    node = line.until("an idle node", lambda: next((one for one in nodes.values() if one.state == "idle"), None))

    def hold(cloud: Cloud) -> asyncio.Lock:
        known = cloud.batch.state.accounts[account]
        return cloud.batch.fleet.hold(known, known.pools[pool], node)

    lock = line.azure.call(hold)
    line.azure.run(lock.acquire())
    with line.inside(), BatchManagementClient(EnvironmentCredential(), line.target.subscription_id) as api:
        api.pool.begin_delete(line.target.resource_group, account, pool, polling=False)

    def let_go() -> None:
        line.azure.call(lambda _: lock.release() if lock.locked() else None)

    return let_go
