"""The two spellings of a pool: the management plane's (`NonAdmin`, `inboundNatPools`) and the data plane's.

Source: the API descriptions of Batch management 2025-06-01 and of the Batch service 2025-06-01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ENUMS: dict[str, tuple[str, ...]] = {
    "access": ("Allow", "Deny"),
    "caching": ("None", "ReadOnly", "ReadWrite"),
    "elevationLevel": ("NonAdmin", "Admin"),
    "interNodeCommunication": ("Enabled", "Disabled"),
    "loginMode": ("Batch", "Interactive"),
    "nodeDeallocationOption": ("Requeue", "Terminate", "TaskCompletion", "RetainedData"),
    "nodeFillType": ("Spread", "Pack"),
    "placement": ("CacheDisk",),
    "policy": ("Regional", "Zonal"),
    "protocol": ("TCP", "UDP"),
    "provision": ("BatchManaged", "UserManaged", "NoPublicIPAddresses"),
    "scope": ("Task", "Pool"),
    "storageAccountType": ("Standard_LRS", "Premium_LRS", "StandardSSD_LRS"),
    "currentNodeCommunicationMode": ("Default", "Classic", "Simplified"),
    "targetNodeCommunicationMode": ("Default", "Classic", "Simplified"),
}
_ALIKE = frozenset({"placement"})  # DiffDiskPlacement of both planes says CacheDisk
_NAMES: dict[str, str] = {
    "applicationPackages": "applicationPackageReferences",
    "dynamicVnetAssignmentScope": "dynamicVNetAssignmentScope",
    "inboundNatPools": "inboundNATPools",
    "nodeAgentSkuId": "nodeAgentSKUId",
}
_BACK: dict[str, str] = {data: management for management, data in _NAMES.items()}
_WITH_USER_NAME = frozenset({"userIdentity", "cifsMountConfiguration"})  # `username` in the data plane
_OPAQUE = frozenset({"settings", "protectedSettings", "userAssignedIdentities", "resourceTags"})
_KEPT_BACK = frozenset({"accountKey", "password", "protectedSettings", "sasKey", "sshPrivateKey"}) | {
    "nodeDeallocationOption"  # of the last resize; "x-ms-mutability": create and update only
}


def canonical(value: Any, key: str = "") -> Any:
    """*value* with its enumerated words as Azure writes them back, and without members that are null."""
    if isinstance(value, dict) and key not in _OPAQUE:
        return {name: canonical(item, name) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [canonical(item, key) for item in value]
    if isinstance(value, str):
        return next((word for word in ENUMS.get(key, ()) if word.lower() == value.lower()), value)
    return value


def unknown_words(value: Any, path: str, key: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, word and accepted words of each enumerated word in *value* that Azure does not have."""
    if isinstance(value, dict) and key not in _OPAQUE:
        for name, item in value.items():
            yield from unknown_words(item, f"{path}.{name}", name)
    elif isinstance(value, list):
        for item in value:
            yield from unknown_words(item, path, key)
    elif isinstance(value, str) and key in ENUMS and value not in ENUMS[key]:
        yield path, value, ", ".join(ENUMS[key])


def public(value: Any, key: str = "") -> Any:
    """*value* without what Azure never gives back: passwords, keys, protected settings, what a resize was to do."""
    if isinstance(value, dict) and key != "settings":
        return {name: public(item, name) for name, item in value.items() if name not in _KEPT_BACK}
    if isinstance(value, list):
        return [public(item, key) for item in value]
    return value


def to_data(value: Any, key: str = "") -> Any:
    """A part of a pool as the data plane spells it."""
    if isinstance(value, dict) and key not in _OPAQUE:
        renamed = {_NAMES.get(name, name): to_data(item, name) for name, item in value.items()}
        if key == "imageReference" and "id" in renamed:
            renamed["virtualMachineImageId"] = renamed.pop("id")
        if key in _WITH_USER_NAME and "userName" in renamed:
            renamed["username"] = renamed.pop("userName")
        return renamed
    if isinstance(value, list):
        return [to_data(item, key) for item in value]
    return value.lower() if isinstance(value, str) and key in ENUMS and key not in _ALIKE else value


def to_management(value: Any, key: str = "") -> Any:
    """A part of a pool that came over the data plane, as the management plane spells it."""
    if isinstance(value, dict) and key not in _OPAQUE:
        renamed = {}
        for given, item in value.items():
            name: str = _BACK.get(given) or given
            renamed[name] = to_management(item, name)
        if key == "imageReference" and "virtualMachineImageId" in renamed:
            renamed["id"] = renamed.pop("virtualMachineImageId")
        if key in _WITH_USER_NAME and "username" in renamed:
            renamed["userName"] = renamed.pop("username")
        return renamed
    if isinstance(value, list):
        return [to_management(item, key) for item in value]
    return canonical(value, key)


def member(value: Any, *path: str) -> Any:
    """What lies at *path* in nested objects, or None."""
    found: Any = value
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
