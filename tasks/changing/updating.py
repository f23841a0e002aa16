"""The step that updates a pool in Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Mapping

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import PoolReady
from batchcert.plan.account import no_account
from batchcert.plan.changing.bodies import update_body
from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.pool import no_pool
from batchcert.spec import Target
from tasks.azure_api import pools
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="update",
    task_run_name="update {plan.pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def update_pool(target: Target, plan: ChangePlan, desired: Mapping[str, object], *, scale: bool) -> PoolReady:
    """Bring the fields of the plan to what *desired*, an ARM body, says; its *scale* is left out where that is False.

    Raises: Problem `pool-property-fixed` where Azure refuses a field; nothing is changed then.
    """
    wanted = target.pool_id(plan.pool)
    paths = [path for path in plan.paths if scale or not path.startswith("scaleSettings.")]
    with connect(target).pools(target.subscription_id) as api:
        account, observed = pools.read_account(api, target.account_id), pools.read(api, wanted)
        if account is None:
            raise no_account(target)
        if observed is None:
            raise no_pool(plan.pool)
        if paths:
            pools.update(api, wanted, update_body(desired, observed.body, paths))
            get_run_logger().info("pool %s: %d fields updated", plan.pool, len(paths))
    return PoolReady(str(wanted), account.endpoint, plan.change)
