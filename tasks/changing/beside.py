"""The step that makes a new pool beside the old one."""

from __future__ import annotations

from collections.abc import Mapping

from prefect import task
from prefect.logging import get_run_logger

from batchcert.changes import Action
from batchcert.outcomes import PoolReady
from batchcert.plan.account import no_account
from batchcert.plan.changing.bodies import new_pool_body
from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.stops import new_pool_differs
from batchcert.plan.pool import no_pool, plan_pool
from batchcert.render.plan import change_text
from batchcert.spec import Target
from tasks.azure_api import pools
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="new pool",
    task_run_name="new pool {plan.new_pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def make_new_pool(target: Target, plan: ChangePlan, desired: Mapping[str, object]) -> PoolReady:
    """Create the plan's new pool as *desired*, an ARM body, with what the old one has beyond that; or find it.

    Raises: Problem `new-pool-differs`, `pool-not-found` where the old one has gone, `pool-being-deleted`.
    """
    wanted = target.pool_id(plan.new_pool)
    with connect(target).pools(target.subscription_id) as api:
        account, old = pools.read_account(api, target.account_id), pools.read(api, target.pool_id(plan.pool))
        if account is None:
            raise no_account(target)
        if old is None:
            raise no_pool(plan.pool)
        change = plan_pool(plan.new_pool, desired, pools.read(api, wanted))
        get_run_logger().info(change_text(change))
        if change.action is Action.CREATE:
            pools.create(api, wanted, new_pool_body(desired, old.body))
        elif change.writes:
            raise new_pool_differs(plan.new_pool, tuple(field.path for field in change.fields))
    return PoolReady(str(wanted), account.endpoint, change)
