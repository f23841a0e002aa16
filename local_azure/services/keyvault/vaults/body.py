"""From the properties of a request to those of a vault, or to Azure's refusal.

Source: Microsoft.KeyVault API description 2023-07-01 and resource types 2026-02-01, VaultProperties.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from local_azure.services.keyvault.state.vaults import AccessPolicy, NetworkRules
from local_azure.services.keyvault.vaults import errors as vault_errors
from local_azure.services.keyvault.vaults.access_policies import read_access_policies

_SHORTEST_DAYS, _LONGEST_DAYS = 7, 90
ENABLED_FOR = ("enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment")


@dataclass(frozen=True)
class VaultChange:
    """What a request says of a vault; None where it says nothing.

    Attributes:
        location: in Azure's short form, or "".
        recover: whether the vault is to come back from its soft-deleted state.
    """

    location: str
    tags: dict[str, str] | None
    recover: bool
    tenant_id: str | None
    sku: str | None
    access_policies: list[AccessPolicy] | None
    rbac: bool | None
    retention_days: int | None
    purge_protection: bool
    enabled_for: dict[str, bool]
    network: NetworkRules | None
    public_network_access: str | None


def read_vault(body: dict[str, Any], tenant: str) -> VaultChange:
    """The body of a PUT or PATCH, where null counts as left out. Raises: AzureError 400 `BadRequest`."""
    properties = body.get("properties") or {}
    if not isinstance(properties, dict):
        raise vault_errors.invalid_value("properties")
    given = {name: value for name, value in properties.items() if value is not None}
    policies = given.get("accessPolicies")
    _check_protections(given)
    return VaultChange(
        location=str(body.get("location") or "").replace(" ", "").lower(),
        tags=_tags(body),
        recover=_choice(given, "createMode", ("default", "recover")) == "recover",
        tenant_id=_tenant(given, tenant),
        sku=_sku(given["sku"]) if "sku" in given else None,
        access_policies=None if policies is None else read_access_policies(policies, tenant),
        rbac=_flag(given, "enableRbacAuthorization"),
        retention_days=_retention(given),
        purge_protection=_flag(given, "enablePurgeProtection") or False,
        enabled_for={name: flag for name in ENABLED_FOR if (flag := _flag(given, name)) is not None},
        network=_network(given["networkAcls"]) if "networkAcls" in given else None,
        public_network_access=_choice(given, "publicNetworkAccess", ("Enabled", "Disabled")),
    )


def _tags(body: dict[str, Any]) -> dict[str, str] | None:
    tags = body.get("tags")
    if tags is not None and (not isinstance(tags, dict) or not all(isinstance(tag, str) for tag in tags.values())):
        raise vault_errors.invalid_value("tags")
    return tags


def _check_protections(given: dict[str, Any]) -> None:
    if _flag(given, "enableSoftDelete") is False:
        raise vault_errors.cannot_be_false(
            "enableSoftDelete", "Enabling the 'soft delete' functionality is an irreversible action."
        )
    if _flag(given, "enablePurgeProtection") is False:
        raise vault_errors.cannot_be_false(
            "enablePurgeProtection", "Enabling the purge protection for a vault is an irreversible action."
        )


def _tenant(given: dict[str, Any], tenant: str) -> str | None:
    wanted = given.get("tenantId")
    if wanted is not None and str(wanted).lower() != tenant.lower():
        raise vault_errors.invalid_value("tenantId")
    return tenant if wanted is not None else None


def _sku(given: Any) -> str:
    family = given.get("family") if isinstance(given, dict) else None
    name = given.get("name") if isinstance(given, dict) else None
    if str(family).upper() != "A" or str(name).lower() not in {"standard", "premium"}:
        raise vault_errors.invalid_value("sku")
    return str(name).lower()


def _flag(given: dict[str, Any], name: str) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise vault_errors.invalid_value(name)
    return value


def _choice(given: dict[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    """One of *choices*, without regard to case; an empty text counts as left out."""
    value = given.get(name)
    if value is None or value == "":
        return None
    for choice in choices:
        if str(value).lower() == choice.lower():
            return choice
    raise vault_errors.invalid_value(name)


def _retention(given: dict[str, Any]) -> int | None:
    days = given.get("softDeleteRetentionInDays")
    if days is None:
        return None
    if not isinstance(days, int) or isinstance(days, bool) or not _SHORTEST_DAYS <= days <= _LONGEST_DAYS:
        raise vault_errors.bad_request(
            f'The property "softDeleteRetentionInDays" must be between {_SHORTEST_DAYS} and {_LONGEST_DAYS}.'
        )
    return days


def _network(given: Any) -> NetworkRules:
    if not isinstance(given, dict):
        raise vault_errors.invalid_value("networkAcls")
    return NetworkRules(
        default_action=_choice(given, "defaultAction", ("Allow", "Deny")) or "Allow",
        bypass=_choice(given, "bypass", ("AzureServices", "None")) or "AzureServices",
        ip_rules=[_range(rule) for rule in given.get("ipRules") or []],
        subnets=[_subnet(rule) for rule in given.get("virtualNetworkRules") or []],
    )


def _range(rule: Any) -> str:
    try:
        return str(ipaddress.ip_network(str(rule["value"])))
    except (ValueError, TypeError, KeyError):
        raise vault_errors.invalid_value("networkAcls.ipRules") from None


def _subnet(rule: Any) -> str:
    if not isinstance(rule, dict) or not str(rule.get("id", "")).lower().startswith("/subscriptions/"):
        raise vault_errors.invalid_value("networkAcls.virtualNetworkRules")
    return str(rule["id"]).lower()
