"""The fields of a pool that batchcert decides, read from an ARM body so that equal means equal to Azure.

Desired and observed bodies go through the same reading. Azure fills in defaults, upper-cases sizes, writes
durations and ARM ids in its own way and adds what is read-only: none of that is a difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from batchcert.extension.observed import settings_object
from batchcert.extension.services import SERVICES, services_text
from batchcert.extension.settings import EXTENSION_PUBLISHER, EXTENSION_TYPE
from batchcert.plan.json_path import at, objects
from batchcert.plan.start_task import HOOKS_VARIABLE, hooks_text
from batchcert.verdict.words import short

Json = Mapping[str, object]
_DURATION = TypeAdapter(timedelta)
_MACHINE = "deploymentConfiguration.virtualMachineConfiguration"
_ENDPOINTS = "networkConfiguration.endpointConfiguration.inboundNatPools"


@dataclass(frozen=True)
class Value:
    """A field's value: in a form fit for comparing, and as it was found."""

    compared: object
    shown: str


Fields = dict[str, Value]


def pool_fields(body: Json) -> Fields:
    """The fields of the ARM *body* of a pool that batchcert decides, by path below `properties`.

    Lists are read as sets by what names their elements: a NAT pool's name, a rule's priority, a secret's address.
    """
    properties = at(body, "properties")
    fields = {path: _value(at(properties, path) or default, fold) for path, fold, default in _SINGLE}
    fields[f"metadata[{SERVICES}]"] = _value(services_text(objects(at(properties, "metadata"))), _same)
    fields[f"startTask.environmentSettings[{HOOKS_VARIABLE}]"] = _script(hooks_text(at(properties, "startTask")))
    fields.update(_identities(body))
    fields.update(_extension(properties))
    fields.update(_nat_pools(properties))
    return fields


def _case(value: object) -> object:
    return str(value).lower()


def _same(value: object) -> object:
    return value


def _seconds(value: object) -> object:
    """PT15M and PT900S are one duration. Source: ISO 8601, 5.5.2."""
    try:
        return _DURATION.validate_python(value).total_seconds()
    except ValidationError:
        return value


# Path, how to compare, and what Azure takes for a field left out.
_SINGLE: tuple[tuple[str, Callable[[object], object], object], ...] = (
    ("vmSize", _case, ""),
    ("taskSchedulingPolicy.nodeFillType", _case, "Spread"),
    (f"{_MACHINE}.imageReference.publisher", _case, ""),
    (f"{_MACHINE}.imageReference.offer", _case, ""),
    (f"{_MACHINE}.imageReference.sku", _case, ""),
    (f"{_MACHINE}.imageReference.version", _case, "latest"),
    (f"{_MACHINE}.nodeAgentSkuId", _case, ""),
    ("networkConfiguration.subnetId", _case, ""),
    ("scaleSettings.fixedScale.targetDedicatedNodes", _same, 0),
    ("scaleSettings.fixedScale.targetLowPriorityNodes", _same, 0),
    ("scaleSettings.fixedScale.resizeTimeout", _seconds, "PT15M"),
    ("scaleSettings.autoScale.formula", _same, ""),
    ("startTask.commandLine", _same, ""),
    ("startTask.userIdentity.autoUser.scope", _case, "Pool"),
    ("startTask.userIdentity.autoUser.elevationLevel", _case, "NonAdmin"),
    ("startTask.userIdentity.userName", _same, ""),
    ("startTask.maxTaskRetryCount", _same, 0),
    ("startTask.waitForSuccess", _same, False),
)


def _identities(body: Json) -> Iterator[tuple[str, Value]]:
    """An identity assigned is the field "assigned"; Azure keeps no case of an ARM id and no order."""
    for arm_id in at(body, "identity.userAssignedIdentities") or ():
        yield f"identity.userAssignedIdentities[{arm_id.lower()}]", Value(compared=True, shown="assigned")


def _extension(properties: object) -> Iterator[tuple[str, Value]]:
    """Our extension's fields; its protected settings are never told, and other extensions are not ours to judge."""
    for extension in objects(at(properties, f"{_MACHINE}.extensions")):
        kind = (_case(extension.get("publisher")), _case(extension.get("type")))
        if kind != (EXTENSION_PUBLISHER.lower(), EXTENSION_TYPE.lower()):
            continue
        prefix = f"extensions[{EXTENSION_TYPE}]"
        yield f"{prefix}.typeHandlerVersion", _value(extension.get("typeHandlerVersion"), _same)
        yield f"{prefix}.autoUpgradeMinorVersion", _value(extension.get("autoUpgradeMinorVersion", True), _same)
        yield from _leaves(f"{prefix}.settings", settings_object(extension.get("settings")) or {})


def _leaves(path: str, value: object) -> Iterator[tuple[str, Value]]:
    """Every leaf of the settings; their types count, since the extension takes "300" and refuses 300."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(sorted(value, key=_sorting)):
            yield from _leaves(f"{path}[{_label(item, index)}]", item)
    else:
        yield path, _value(value, _same)


def _nat_pools(properties: object) -> Iterator[tuple[str, Value]]:
    for pool in objects(at(properties, _ENDPOINTS)):
        prefix = f"inboundNatPools[{pool.get('name')}]"
        yield f"{prefix}.protocol", _value(pool.get("protocol"), _case)
        for name in ("backendPort", "frontendPortRangeStart", "frontendPortRangeEnd"):
            yield f"{prefix}.{name}", _value(pool.get(name), _same)
        for rule in objects(pool.get("networkSecurityGroupRules")):
            text = f"{rule.get('access')} {rule.get('sourceAddressPrefix')}"
            ports = [port for port in at(rule, "sourcePortRanges") or () if port != "*"]
            shown = f"{text} from ports {', '.join(map(str, ports))}" if ports else text
            yield f"{prefix}.rules[{rule.get('priority')}]", Value(shown.lower(), shown)


def _script(text: str) -> Value:
    """A script, shown by its fingerprint: nobody compares two by eye."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Value(text, f"a script, sha256 {short(digest)}" if text else "")


def _value(found: object, compared: Callable[[object], object]) -> Value:
    shown = found if isinstance(found, str) else json.dumps(found)
    return Value((type(found).__name__, compared(found)), shown)


def _sorting(item: object) -> str:
    return _label(item, 0) + json.dumps(item, sort_keys=True)


def _label(item: object, index: int) -> str:
    """What names an element of a list in the settings: a secret's address, a user and group, else text or place."""
    if isinstance(item, Mapping):
        reader = ":".join(str(item[key]) for key in ("user", "group") if item.get(key))
        return str(item.get("url") or reader or index)
    return str(item)
