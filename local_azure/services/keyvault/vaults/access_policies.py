"""Access policies: what they allow, how a request writes them, and when a new one takes effect."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from local_azure.services.keyvault.state.vaults import AccessPolicy
from local_azure.services.keyvault.vaults import errors as vault_errors
from local_azure.wire.messages import Caller

ALL = "all"
_MOST = 1024  # Microsoft.KeyVault, VaultProperties.accessPolicies
_COMMON = "get list delete backup restore recover purge all"
PERMISSIONS: dict[str, frozenset[str]] = {
    kind: frozenset(f"{_COMMON} {names}".lower().split())
    for kind, names in {
        "keys": "encrypt decrypt wrapKey unwrapKey sign verify create update import release rotate "
        "getrotationpolicy setrotationpolicy",
        "secrets": "set",
        "certificates": "create import update managecontacts getissuers listissuers setissuers deleteissuers "
        "manageissuers",
        "storage": "set update regeneratekey setsas listsas getsas deletesas",
    }.items()
}
"""What an access policy can allow, by kind of object, in lower case. Source: Microsoft.KeyVault, Permissions."""


def allows(policies: list[AccessPolicy], caller: Caller, permission: str, now: datetime) -> bool:
    """Whether one of *policies* lets *caller* do *permission* ("secrets/get").

    `all` holds everything but `purge`, which is always named. Source: the permissions that the Azure CLI and its
    recordings write.
    """
    kind, _, name = permission.partition("/")
    wanted = [permission] if name == "purge" else [permission, f"{kind}/{ALL}"]
    if name.endswith("issuers"):
        wanted.append(f"{kind}/manageissuers")
    return any(_is_for(policy, caller) and _holds(policy, wanted, now) for policy in policies)


def has_any(policies: list[AccessPolicy], caller: Caller, now: datetime) -> bool:
    """Whether *policies* let *caller* do anything at all."""
    return any(
        _is_for(policy, caller) and any(since <= now for since in policy.effective.values()) for policy in policies
    )


def read_access_policies(given: Any, tenant: str) -> list[AccessPolicy]:
    """The access policies of a request; none has taken effect yet.

    Raises: AzureError 400 `BadRequest`.
    """
    if not isinstance(given, list) or len(given) > _MOST:
        raise vault_errors.invalid_value("accessPolicies")
    return [_read(entry, tenant) for entry in given]


def replaced(old: list[AccessPolicy], new: list[AccessPolicy], effective: datetime) -> list[AccessPolicy]:
    """*new* in place of *old*: what a principal held already goes on, what it gains takes effect at *effective*."""
    known = {_key(policy): policy.effective for policy in old}
    return [
        AccessPolicy(
            policy.tenant_id,
            policy.object_id,
            policy.application_id,
            policy.permissions,
            {name: known.get(_key(policy), {}).get(name, effective) for name in _names(policy)},
        )
        for policy in new
    ]


def added(old: list[AccessPolicy], new: list[AccessPolicy]) -> list[AccessPolicy]:
    """*old* with the permissions of *new* added to each principal's."""
    changes = {_key(policy): policy for policy in new}
    merged = [_union(policy, changes.pop(_key(policy), None)) for policy in old]
    return [*merged, *changes.values()]


def swapped(old: list[AccessPolicy], new: list[AccessPolicy]) -> list[AccessPolicy]:
    """*old* with the policies of the principals in *new* replaced; the other principals keep theirs."""
    changes = {_key(policy): policy for policy in new}
    kept = [changes.pop(_key(policy), policy) for policy in old]
    return [*kept, *changes.values()]


def removed(old: list[AccessPolicy], gone: list[AccessPolicy]) -> list[AccessPolicy]:
    """*old* without the permissions of *gone*; a principal that has none left goes too."""
    changes = {_key(policy): policy for policy in gone}
    left = [_difference(policy, changes.get(_key(policy))) for policy in old]
    return [policy for policy in left if any(policy.permissions.values())]


def access_policy_json(policy: AccessPolicy) -> dict[str, Any]:
    """One access policy as Azure shows it."""
    application = {"applicationId": policy.application_id} if policy.application_id else {}
    return {
        "tenantId": policy.tenant_id,
        "objectId": policy.object_id,
        **application,
        "permissions": policy.permissions,
    }


def _is_for(policy: AccessPolicy, caller: Caller) -> bool:
    """The caller's own policy, or one for the caller through the very application it comes with."""
    applications = {"", caller.client_id.lower()}
    return policy.object_id.lower() == caller.object_id.lower() and policy.application_id.lower() in applications


def _holds(policy: AccessPolicy, wanted: list[str], now: datetime) -> bool:
    return any(name in policy.effective and policy.effective[name] <= now for name in wanted)


def _key(policy: AccessPolicy) -> tuple[str, str]:
    return policy.object_id.lower(), policy.application_id.lower()


def _names(policy: AccessPolicy) -> list[str]:
    return [f"{kind}/{name.lower()}" for kind, names in policy.permissions.items() for name in names]


def _union(policy: AccessPolicy, extra: AccessPolicy | None) -> AccessPolicy:
    if extra is None:
        return policy
    permissions = {kind: list(names) for kind, names in policy.permissions.items()}
    for kind, names in extra.permissions.items():
        held = permissions.setdefault(kind, [])
        lowered = {name.lower() for name in held}
        held.extend(name for name in names if name.lower() not in lowered)
    return AccessPolicy(policy.tenant_id, policy.object_id, policy.application_id, permissions, policy.effective)


def _difference(policy: AccessPolicy, gone: AccessPolicy | None) -> AccessPolicy:
    if gone is None:
        return policy
    lost = set(_names(gone))
    permissions = {
        kind: [name for name in names if f"{kind}/{name.lower()}" not in lost]
        for kind, names in policy.permissions.items()
    }
    return AccessPolicy(policy.tenant_id, policy.object_id, policy.application_id, permissions, policy.effective)


def _read(entry: Any, tenant: str) -> AccessPolicy:
    if not isinstance(entry, dict):
        raise vault_errors.invalid_value("accessPolicies")
    policy = AccessPolicy(
        tenant_id=_guid(entry, "tenantId"),
        object_id=_guid(entry, "objectId"),
        application_id=_guid(entry, "applicationId") if entry.get("applicationId") else "",
        permissions=_permissions(entry.get("permissions")),
    )
    if policy.tenant_id.lower() != tenant.lower():
        raise vault_errors.invalid_value("tenantId")
    return policy


def _permissions(given: Any) -> dict[str, list[str]]:
    if not isinstance(given, dict):
        raise vault_errors.invalid_value("permissions")
    permissions = {kind: names for kind, names in given.items() if names is not None}
    for kind, names in permissions.items():
        known = PERMISSIONS.get(kind)
        if known is None or not isinstance(names, list):
            raise vault_errors.invalid_value(f"permissions.{kind}")
        if any(not isinstance(name, str) or name.lower() not in known for name in names):
            raise vault_errors.invalid_value(f"permissions.{kind}")
    return permissions


def _guid(entry: dict[str, Any], name: str) -> str:
    try:
        return str(uuid.UUID(str(entry.get(name))))
    except ValueError:
        raise vault_errors.invalid_value(name) from None
