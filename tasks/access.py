"""The step that lets the pool's identity read the vault: before the pool exists, always.

An extension that starts without access makes its node unusable.
"""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from batchcert.arm_ids import parse_arm_id
from batchcert.outcomes import AccessReady, IdentityReady, VaultReady
from batchcert.plan.access import ObservedGrant, merged_policy, not_granted, our_grant, plan_access
from batchcert.plan.vault import ObservedVault, no_vault
from batchcert.render.plan import change_text
from batchcert.spec import Authorization, Target
from tasks.azure_api import grants, vaults
from tasks.azure_api.clients import Azure
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="access",
    task_run_name="access to vault {vault.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def grant_access(target: Target, identity: IdentityReady, vault: VaultReady) -> AccessReady:
    """Give the identity an access policy or a role, whichever the vault goes by, and read it back.

    Raises: Problem `identity-other-tenant`, `access-not-taken`.
    """
    azure = connect(target)
    observed, held = _seen(azure, vault, identity)
    change = plan_access(identity, observed, held)
    get_run_logger().info(change_text(change))
    if change.writes:
        _give(azure, observed, identity)
        left = plan_access(identity, *_seen(azure, vault, identity))
        if left.writes:
            raise not_granted(left)
    return AccessReady(vault.name, identity.principal_id, change)


def _seen(azure: Azure, vault: VaultReady, identity: IdentityReady) -> tuple[ObservedVault, list[ObservedGrant]]:
    """The vault as it is now and, where it goes by roles, those that the identity has."""
    resource = parse_arm_id(vault.arm_id)
    with azure.vaults(resource.subscription) as api:
        observed = vaults.read(api, resource)
    if observed is None:
        raise no_vault(resource)
    if observed.authorization is not Authorization.RBAC:
        return observed, []
    with azure.grants(resource.subscription) as api:
        return observed, grants.of_principal(api, observed.arm_id, identity.principal_id)


def _give(azure: Azure, observed: ObservedVault, identity: IdentityReady) -> None:
    resource = parse_arm_id(observed.arm_id)
    if observed.authorization is Authorization.RBAC:
        with azure.grants(resource.subscription) as api:
            grant = our_grant(observed, identity.principal_id)
            grants.give(api, grant, resource.subscription, identity.principal_id)
    else:
        with azure.vaults(resource.subscription) as api:
            policy = merged_policy(observed.policy_of(identity.principal_id))
            vaults.add_policy(api, resource, observed.tenant_id, policy)
