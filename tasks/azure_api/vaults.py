"""Vaults and their access policies: Microsoft.KeyVault, management plane."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.keyvault.models import (
    AccessPolicyEntry,
    Permissions,
    Vault,
    VaultAccessPolicyParameters,
    VaultAccessPolicyProperties,
    VaultCreateOrUpdateParameters,
)

from batchcert.arm_ids import ArmId
from batchcert.plan.vault import AccessPolicy, ObservedVault
from batchcert.spec import Authorization
from tasks.azure_api.faults import explained
from tasks.azure_api.patience import AT_ONCE
from tasks.azure_api.plain import region as plain_region
from tasks.azure_api.plain import word
from tasks.azure_api.waiting import finished, found

CREATION_LIMIT = timedelta(minutes=10)


@explained
def read(api: KeyVaultManagementClient, vault: ArmId) -> ObservedVault | None:
    """The vault, or None where there is none; a missing resource group is a Problem."""
    known = found(lambda: api.vaults.get(vault.resource_group, vault.name))
    return _observed(known) if known else None


@explained
def is_soft_deleted(api: KeyVaultManagementClient, vault: ArmId, region: str) -> bool:
    """Whether a deleted vault of that name is still kept in *region*.

    False, too, for whoever may not look at the subscription's deleted vaults: the creation tells it then.
    """
    try:
        return found(lambda: api.vaults.get_deleted(vault.name, region, **AT_ONCE)) is not None
    except HttpResponseError as error:
        if error.status_code == 403:
            return False
        raise


@explained
def create(api: KeyVaultManagementClient, vault: ArmId, body: Mapping[str, object]) -> ObservedVault:
    """Create the vault from its plain ARM *body*, and wait until its name can be resolved."""
    poller = api.vaults.begin_create_or_update(
        vault.resource_group, vault.name, VaultCreateOrUpdateParameters(dict(body))
    )
    return _observed(finished(poller, CREATION_LIMIT, f"the creation of vault {vault.name}"))


@explained
def add_policy(api: KeyVaultManagementClient, vault: ArmId, tenant_id: str, policy: AccessPolicy) -> None:
    """Give *policy* to its principal; what the principal may do already stays."""
    api.vaults.update_access_policy(vault.resource_group, vault.name, "add", _policy_body(tenant_id, policy))


@explained
def remove_policy(api: KeyVaultManagementClient, vault: ArmId, tenant_id: str, policy: AccessPolicy) -> None:
    """Take *policy* away from its principal."""
    api.vaults.update_access_policy(vault.resource_group, vault.name, "remove", _policy_body(tenant_id, policy))


def _policy_body(tenant_id: str, policy: AccessPolicy) -> VaultAccessPolicyParameters:
    permissions = Permissions(secrets=sorted(policy.secrets), certificates=sorted(policy.certificates))
    entry = AccessPolicyEntry(tenant_id=tenant_id, object_id=policy.object_id, permissions=permissions)
    return VaultAccessPolicyParameters(properties=VaultAccessPolicyProperties(access_policies=[entry]))


def _observed(vault: Vault) -> ObservedVault:
    properties = vault.properties
    rules: Any = properties.network_acls
    return ObservedVault(
        arm_id=str(vault.id),
        url=str(properties.vault_uri).rstrip("/"),
        tenant_id=str(properties.tenant_id),
        region=plain_region(vault.location),
        # null means access policies: vaults made before API version 2026-02-01
        authorization=Authorization.RBAC if properties.enable_rbac_authorization else Authorization.ACCESS_POLICIES,
        public=word(properties.public_network_access).lower() != "disabled",
        open_to_all=rules is None or word(rules.default_action or "Allow").lower() == "allow",
        subnets=tuple(str(rule.id).lower() for rule in (rules.virtual_network_rules if rules else None) or ()),
        private_endpoints=len(properties.private_endpoint_connections or []),
        # an entry with an application id counts only for that application acting for somebody
        policies=tuple(_policy(entry) for entry in properties.access_policies or [] if not entry.application_id),
        tags=dict(vault.tags or {}),
    )


def _policy(entry: AccessPolicyEntry) -> AccessPolicy:
    permissions = entry.permissions
    return AccessPolicy(
        object_id=str(entry.object_id),
        secrets=frozenset(word(permission).lower() for permission in permissions.secrets or []),
        certificates=frozenset(word(permission).lower() for permission in permissions.certificates or []),
    )
