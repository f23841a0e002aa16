"""The types of Resource Manager's resources as Bicep publishes them, for versions that no Swagger here describes.

Source: Azure/bicep-types-az, `types.json`: a list whose entries refer to each other by number. Flags of a property are
1 required, 2 read-only, 4 write-only, 8 constant in a deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tools.conformance.operations import version_key

Schema = dict[str, Any]

_WRITE_ONLY = 4
_PLAIN: dict[str, Schema] = {
    "BooleanType": {"type": "boolean"},
    "IntegerType": {"type": "integer"},
    "StringType": {"type": "string"},
    "AnyType": {},
}
_OF_A_DEPLOYMENT = frozenset({"apiVersion"})  # written in a template, never sent by the service


@dataclass(frozen=True)
class _Body:
    """Where a type stands. *named*: whether its name is the service's; what is only read is named after its path."""

    file: Path
    number: int
    named: bool = True


@dataclass(frozen=True)
class ResourceTypes:
    """All types below *folder*."""

    folder: Path
    _bodies: dict[tuple[str, str], _Body] = field(default_factory=dict)
    _read: dict[Path, list[Mapping[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find what there is."""
        for file in sorted(self.folder.rglob("types.json")):
            self._read[file] = json.loads(file.read_text(encoding="utf-8"))
            for entry in self._read[file]:
                if entry["$type"] == "ResourceType":
                    name, _, version = entry["name"].lower().partition("@")
                    self._bodies[name, version] = _Body(file, _number(entry["body"]), bool(entry["writableScopes"]))
                elif entry["$type"] == "ResourceFunctionType":
                    name = f"{entry['resourceType']}/{entry['name']}()".lower()
                    self._bodies[name, entry["apiVersion"]] = _Body(file, _number(entry["output"]))

    def version(self, name: str, wanted: str) -> str:
        """The last version of type *name* that is not newer than *wanted*, or ""."""
        known = [version for each, version in self._bodies if each == name.lower()]
        before = [version for version in known if version_key(version) <= version_key(wanted) and "-pre" not in version]
        return max(before, key=version_key, default="")

    def validator(self, name: str, version: str, *, listed: bool) -> Draft202012Validator:
        """What checks an answer with one resource of the type, or with a page of them."""
        found = self._bodies[name.lower(), version]
        entries = self._read[found.file]
        defs = {str(index): _schema(entry) for index, entry in enumerate(entries) if _has_schema(entry)}
        if not found.named:
            defs[str(found.number)]["properties"]["type"] = {"type": "string"}
        body: Schema = {"$ref": f"#/$defs/{found.number}"}
        whole = {"type": "object", "properties": {"value": {"items": body}}} if listed else body
        return Draft202012Validator({"$defs": defs, **whole})


def type_of(path: str) -> tuple[str, bool]:
    """The type that an ARM path names, and whether the path is that of all its resources.

    The last segment of a POST is an action: `type_of` gives it as if it were a collection.
    """
    provider, *rest = path.lower().rpartition("/providers/")[2].strip("/").split("/")
    return "/".join([provider, *rest[::2]]), len(rest) % 2 == 1


def _number(reference: Mapping[str, str]) -> int:
    return int(reference["$ref"].removeprefix("#/"))


def _ref(reference: Mapping[str, str]) -> Schema:
    return {"$ref": f"#/$defs/{_number(reference)}"}


def _has_schema(entry: Mapping[str, Any]) -> bool:
    return not entry["$type"].startswith("Resource")


def _schema(entry: Mapping[str, Any]) -> Schema:
    kind = entry["$type"]
    if kind == "StringLiteralType":
        return {"const": entry["value"]}
    if kind == "UnionType":
        return {"anyOf": [_ref(each) for each in entry["elements"]]}
    if kind == "ArrayType":
        return {"type": "array", "items": _ref(entry["itemType"])}
    if kind == "ObjectType":
        return _object(entry)
    return _PLAIN[kind]


def _object(entry: Mapping[str, Any]) -> Schema:
    shown = {
        name: _ref(each["type"])
        for name, each in entry["properties"].items()
        if name not in _OF_A_DEPLOYMENT and not each["flags"] & _WRITE_ONLY
    }
    rest = entry.get("additionalProperties")
    return {"type": "object", "properties": shown, "additionalProperties": _ref(rest) if rest else not shown}
