"""The step that sees to the vault."""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import VaultReady
from batchcert.plan.vault import plan_vault, vault_body
from batchcert.render.plan import change_text
from batchcert.spec import Target, VaultSpec
from tasks.azure_api import vaults
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="vault",
    task_run_name="vault {spec.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def ensure_vault(target: Target, spec: VaultSpec) -> VaultReady:
    """Create the vault if it is missing and that is asked for; an existing vault's settings are never changed.

    Raises: Problem `vault-not-found`, `vault-soft-deleted`.
    """
    azure, wanted = connect(target), spec.resource(target)
    with azure.vaults(target.subscription_id) as api:
        observed = vaults.read(api, wanted)
        soft_deleted = observed is None and vaults.is_soft_deleted(api, wanted, target.region)
        change = plan_vault(spec, target, observed, soft_deleted=soft_deleted)
        get_run_logger().info(change_text(change))
        if observed is None:
            me = azure.caller()
            body = vault_body(spec, target, tenant_id=me.tenant_id, operator_id=me.object_id)
            observed = vaults.create(api, wanted, body)
    return VaultReady(observed.arm_id, observed.url, observed.authorization, change)
