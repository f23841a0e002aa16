"""The bodies that a change writes: what batchcert decides, and around it what the pool has beyond that.

An update replaces each property that it names whole, so what nobody asked to change is written back as it was read.
Source: Microsoft.Batch/batchAccounts/pools, API version 2025-06-01.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from batchcert.extension.services import SERVICES
from batchcert.extension.settings import EXTENSION_PUBLISHER, EXTENSION_TYPE
from batchcert.plan.json_path import at, objects
from batchcert.plan.marks import MARK
from batchcert.plan.start_task import merged_start_task

Json = dict[str, Any]
_MACHINE = "virtualMachineConfiguration"
# What a new pool takes from the old one where batchcert decides nothing of it and Azure tells all of it.
_CARRIED = (
    "applicationLicenses",
    "applicationPackages",
    "displayName",
    "interNodeCommunication",
    "metadata",
    "resourceTags",
    "targetNodeCommunicationMode",
    "taskSlotsPerNode",
    "upgradePolicy",
)
# Where a field of `pool_fields` is found in the body, where that is not the first part of its path.
_PROPERTY = {
    "extensions[": "deploymentConfiguration",
    "inboundNatPools[": "networkConfiguration",
    "metadata[": "metadata",
}
_SECRET = {
    "userAccounts": "its user accounts, whose passwords Azure does not tell",
    "mountConfiguration": "its mounts, whose keys Azure does not tell",
}
_ADDRESSES = "publicIPAddressConfiguration"


def update_body(desired: Mapping[str, object], observed: Mapping[str, object], paths: Sequence[str]) -> Json:
    """The body of the PATCH request that brings the fields at *paths* to what they are in *desired*.

    Its scale lets nodes finish their tasks before they leave.
    """
    names = dict.fromkeys(_property_of(path) for path in paths)
    body: Json = {"properties": {name: _property(name, desired, observed) for name in names if name != "identity"}}
    if "identity" in names:
        body["identity"] = desired["identity"]
    return body


def scale_body(scale: Mapping[str, object]) -> Json:
    """The body of the PATCH request that resizes a pool to the `scaleSettings` *scale*; no task is ended for it."""
    fixed = scale.get("fixedScale")
    if isinstance(fixed, Mapping):
        scale = {"fixedScale": {**fixed, "nodeDeallocationOption": "TaskCompletion"}}
    return {"properties": {"scaleSettings": dict(scale)}}


def zero_scale(resize_timeout_minutes: int) -> Json:
    """The `scaleSettings` of a pool without nodes."""
    timeout = f"PT{resize_timeout_minutes}M"
    return {"fixedScale": {"targetDedicatedNodes": 0, "targetLowPriorityNodes": 0, "resizeTimeout": timeout}}


def new_pool_body(desired: Mapping[str, object], observed: Mapping[str, object]) -> Json:
    """The body of a new pool beside *observed*: as *desired*, and beyond that what *observed* has and Azure tells."""
    old = at(observed, "properties") or {}
    wanted: Json = dict(at(desired, "properties") or {})
    carried = {name: old[name] for name in _CARRIED if old.get(name) is not None}
    for name in ("deploymentConfiguration", "networkConfiguration"):
        wanted[name] = _property(name, desired, observed)
    if _own_addresses(observed):
        del wanted["networkConfiguration"][_ADDRESSES]
    return {**desired, "properties": {**carried, **wanted, "metadata": _metadata(desired, observed, {MARK, SERVICES})}}


def lost_in_update(observed: Mapping[str, object], paths: Sequence[str]) -> tuple[str, ...]:
    """What the pool loses by an update of the fields at *paths*, in words: what Azure does not tell."""
    machine = "deploymentConfiguration" in {_property_of(path) for path in paths}
    return _lost_of_machine(observed) if machine else ()


def lost_in_new_pool(observed: Mapping[str, object]) -> tuple[str, ...]:
    """What a new pool does not take from *observed*, in words: what Azure does not tell, and what two cannot share."""
    properties = at(observed, "properties") or {}
    found = [why for name, why in _SECRET.items() if properties.get(name)]
    if _own_addresses(observed):
        found.append("its public addresses, which one pool alone can have")
    return (*found, *_lost_of_machine(observed))


def _lost_of_machine(observed: Mapping[str, object]) -> tuple[str, ...]:
    machine = at(observed, f"properties.deploymentConfiguration.{_MACHINE}")
    others = [one for one in objects(at(machine, "extensions")) if not _is_ours(one)]
    found = [f"protected settings of its extension {one.get('name')}, if it has any" for one in others]
    if at(machine, "containerConfiguration.containerRegistries"):
        found.append("passwords of its container registries, if they have any")
    return tuple(found)


def _own_addresses(observed: Mapping[str, object]) -> bool:
    return bool(at(observed, f"properties.networkConfiguration.{_ADDRESSES}.ipAddressIds"))


def _property_of(path: str) -> str:
    return next((name for start, name in _PROPERTY.items() if path.startswith(start)), path.partition(".")[0])


def _property(name: str, desired: Mapping[str, object], observed: Mapping[str, object]) -> Any:
    wanted, old = at(desired, f"properties.{name}"), at(observed, f"properties.{name}")
    if name == "scaleSettings":
        return scale_body(wanted)["properties"][name]
    if name == "startTask":
        return merged_start_task(wanted, old or {})
    if name == "metadata":
        return _metadata(desired, observed, {SERVICES})
    if name == "networkConfiguration":
        kept = {key: value for key, value in (old or {}).items() if key not in {"subnetId", "endpointConfiguration"}}
        return {**kept, **wanted}
    if name == "deploymentConfiguration":
        return {_MACHINE: _machine(wanted[_MACHINE], at(old, _MACHINE) or {})}
    return wanted


def _machine(wanted: Mapping[str, object], old: Mapping[str, object]) -> Json:
    """Other extensions, disks and whatever else the pool's machines have stay."""
    others = [dict(one) for one in objects(old.get("extensions")) if not _is_ours(one)]
    return {**old, **wanted, "extensions": [*others, *objects(wanted.get("extensions"))]}


def _is_ours(extension: Mapping[str, object]) -> bool:
    kind = (str(extension.get("publisher")).lower(), str(extension.get("type")).lower())
    return kind == (EXTENSION_PUBLISHER.lower(), EXTENSION_TYPE.lower())


def _metadata(
    desired: Mapping[str, object], observed: Mapping[str, object], names: Collection[str]
) -> list[Mapping[str, object]]:
    """The items of these *names* as desired, and what else the pool has: our mark is for pools that batchcert makes."""
    wanted, old = (objects(at(body, "properties.metadata")) for body in (desired, observed))
    ours = [item for item in wanted if item.get("name") in names]
    return [*ours, *(item for item in old if item.get("name") not in names)]
