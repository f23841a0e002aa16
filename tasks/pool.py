"""The step that sees to the pool."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.logging import get_run_logger

from batchcert.changes import Action
from batchcert.outcomes import AccessReady, IdentityReady, PoolReady, VaultReady
from batchcert.plan.account import no_account
from batchcert.plan.pool import plan_pool, pool_differs
from batchcert.plan.pool_body import pool_body
from batchcert.render.plan import change_text
from batchcert.spec import CertificateSpec, PoolSpec, Target
from tasks.azure_api import pools
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="pool",
    task_run_name="pool {spec.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def ensure_pool(
    target: Target,
    spec: PoolSpec,
    certificates: Sequence[CertificateSpec],
    *,
    identity: IdentityReady,
    vault: VaultReady,
    access: AccessReady,
) -> PoolReady:
    """Create the pool; an equal one is left alone, and a different one is not touched.

    *access* is not read: that there is one says that the identity may read the vault before the first node asks.

    Raises: Problem `batch-account-not-found`, `pool-differs`, `pool-being-deleted`; those of the extension's settings.
    """
    del access
    body = pool_body(
        spec,
        identity_id=identity.arm_id,
        client_id=identity.client_id,
        vault_url=vault.url,
        certificates=certificates,
    )
    wanted = target.pool_id(spec.name)
    with connect(target).pools(target.subscription_id) as api:
        account = pools.read_account(api, target.account_id)
        if account is None:
            raise no_account(target)
        observed = pools.read(api, wanted)
        change = plan_pool(spec.name, body, observed)
        get_run_logger().info(change_text(change))
        if change.action is Action.CREATE:
            observed = pools.create(api, wanted, body)
        elif change.writes:
            raise pool_differs(change)
    return PoolReady(str(wanted), account.endpoint, change)
