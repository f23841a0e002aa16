"""Vaults as Azure Resource Manager shows them.

Source: Microsoft.KeyVault API description 2023-07-01 and its examples; what is shown of an unset property, and the
vault's address without its last slash while DNS is being set up, are as in the Azure CLI's test recordings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.vaults import NetworkRules, Vault
from local_azure.services.keyvault.vaults.access_policies import access_policy_json
from local_azure.services.keyvault.vaults.errors import VAULT_TYPE


def vault_json(vault: Vault, arm_id: str, *, registering: bool = False) -> dict[str, Any]:
    """A vault; *registering*: as it is answered at its creation, before its DNS name is known everywhere."""
    return {
        "id": arm_id,
        "name": vault.name,
        "type": VAULT_TYPE,
        "location": vault.location,
        "tags": vault.tags,
        "systemData": _system_json(vault),
        "properties": _properties_json(vault, registering=registering),
    }


def deleted_vault_json(deleted: Deleted[Vault], arm_id: str, subscription: str) -> dict[str, Any]:
    """A deleted vault; *arm_id* is the one it had."""
    vault = deleted.item
    provider = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault"
    protection = {"purgeProtectionEnabled": True} if vault.purge_protection else {}
    return {
        "id": f"{provider}/locations/{vault.location}/deletedVaults/{vault.name}",
        "name": vault.name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": arm_id,
            "location": vault.location,
            "tags": vault.tags,
            "deletionDate": _seconds(deleted.deleted_at),
            "scheduledPurgeDate": _seconds(deleted.purge_at),
            **protection,
        },
    }


def _properties_json(vault: Vault, *, registering: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "sku": {"family": "A", "name": vault.sku},
        "tenantId": vault.tenant_id,
        "accessPolicies": [access_policy_json(policy) for policy in vault.access_policies],
        "enabledForDeployment": False,
        **vault.enabled_for,
        "enableSoftDelete": True,
        "vaultUri": f"https://{vault.name}{vault.host[len(vault.name) :]}" if registering else f"https://{vault.host}/",
        "provisioningState": _provisioning_state(vault, registering=registering),
        "publicNetworkAccess": vault.public_network_access,
    }
    if vault.retention_days:
        properties["softDeleteRetentionInDays"] = vault.retention_days
    if vault.network:
        properties["networkAcls"] = _network_json(vault.network)
    if vault.rbac_given:
        properties["enableRbacAuthorization"] = vault.rbac
    if vault.purge_protection:
        properties["enablePurgeProtection"] = True
    return properties


def _provisioning_state(vault: Vault, *, registering: bool) -> str:
    if registering:
        return "RegisteringDns"
    return "Succeeded" if vault.provisioned else "Failed"


def _network_json(rules: NetworkRules) -> dict[str, Any]:
    return {
        "bypass": rules.bypass,
        "defaultAction": rules.default_action,
        "ipRules": [{"value": value} for value in rules.ip_rules],
        "virtualNetworkRules": [{"id": subnet} for subnet in rules.subnets],
    }


def _system_json(vault: Vault) -> dict[str, str]:
    return {
        "createdBy": vault.created_by,
        "createdByType": "Application",
        "createdAt": _milliseconds(vault.created),
        "lastModifiedBy": vault.modified_by,
        "lastModifiedByType": "Application",
        "lastModifiedAt": _milliseconds(vault.modified),
    }


def _seconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
