"""The steps that remove what batchcert made and marked; a flow calls them in the order of this file."""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from batchcert.changes import Action, Change
from batchcert.plan import teardown as plan
from batchcert.plan.access import our_grant
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.pool import ObservedPool
from batchcert.plan.vault import ObservedVault
from batchcert.render.plan import change_text
from batchcert.spec import Authorization, IdentitySpec, Target, VaultSpec
from tasks.azure_api import certificates, grants, identities, pools, vaults
from tasks.azure_api.clients import Azure
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="remove pool",
    task_run_name="remove pool {pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def remove_pool(target: Target, pool: str) -> Change:
    """Delete the pool with its nodes and wait until it is gone, where it has our mark."""
    wanted = target.pool_id(pool)
    with connect(target).pools(target.subscription_id) as api:
        change = _told(plan.remove_pool(pool, pools.read(api, wanted)))
        if change.action is Action.DELETE:
            pools.delete(api, wanted)
    return change


@task(
    name="remove access",
    task_run_name="remove access to {vault.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def remove_access(target: Target, pool: str, identity: IdentitySpec, vault: VaultSpec) -> Change:
    """Take back our role assignment or access policy, unless another pool's identity needs it."""
    azure = connect(target)
    reader, held = _identity(azure, target, identity), _vault(azure, target, vault)
    if reader is None or held is None:
        return _told(Change(Action.NOTHING, f"access to {vault.name}", "identity or vault is not there"))
    with azure.grants(target.subscription_id) as api:
        rbac = held.authorization is Authorization.RBAC
        found = grants.of_principal(api, held.arm_id, reader.principal_id) if rbac else []
        change = _told(plan.remove_access(reader, held, found, _others(azure, target, pool)))
        if change.action is Action.DELETE and rbac:
            grants.take_back(api, our_grant(held, reader.principal_id))
    if change.action is Action.DELETE and not rbac:
        with azure.vaults(target.subscription_id) as api:
            policy = held.policy_of(reader.principal_id)
            vaults.remove_policy(api, vault.resource(target), held.tenant_id, policy)
    return change


@task(
    name="remove certificate",
    task_run_name="remove certificate {name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def remove_certificate(target: Target, pool: str, vault: VaultSpec, name: str) -> Change:
    """Delete the certificate, where it has our mark and no other pool observes it; the vault keeps it recoverable."""
    azure = connect(target)
    held = _vault(azure, target, vault)
    if held is None:
        return _told(plan.remove_certificate(vault.name, name, None, ()))
    with azure.certificates(held.url) as api:
        observed = certificates.read(api, name)
        change = _told(plan.remove_certificate(held.name, name, observed, _others(azure, target, pool)))
        if change.action is Action.DELETE:
            certificates.delete(api, name)
    return change


@task(
    name="remove identity",
    task_run_name="remove identity of {pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def remove_identity(target: Target, pool: str, spec: IdentitySpec) -> Change:
    """Delete the identity, where it has our mark and no other pool has it."""
    azure, wanted = connect(target), spec.resource(target)
    with azure.identities(wanted.subscription) as api:
        observed = identities.read(api, wanted)
        change = _told(plan.remove_identity(wanted.name, observed, _others(azure, target, pool)))
        if change.action is Action.DELETE:
            identities.delete(api, wanted)
    return change


def _identity(azure: Azure, target: Target, spec: IdentitySpec) -> ObservedIdentity | None:
    wanted = spec.resource(target)
    with azure.identities(wanted.subscription) as api:
        return identities.read(api, wanted)


def _vault(azure: Azure, target: Target, spec: VaultSpec) -> ObservedVault | None:
    wanted = spec.resource(target)
    with azure.vaults(wanted.subscription) as api:
        return vaults.read(api, wanted)


def _others(azure: Azure, target: Target, pool: str) -> list[ObservedPool]:
    """The account's other pools."""
    with azure.pools(target.subscription_id) as api:
        return [one for one in pools.listed(api, target.account_id) if one.name.lower() != pool.lower()]


def _told(change: Change) -> Change:
    get_run_logger().info(change_text(change))
    return change
