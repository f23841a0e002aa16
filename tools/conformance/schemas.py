"""From the schemas of Swagger 2.0 to JSON Schema 2020-12, as a *response* must satisfy them.

What Swagger and AutoRest say in words of their own becomes JSON Schema: `x-nullable`, enumerations that are open
(`modelAsString`), inheritance by `allOf` and `discriminator`, properties that never come back (`x-ms-secret`,
`x-ms-mutability` without "read"). An object is closed, as in Azure's own validator (oav): a property that its schema
does not name is a fault, unless it says `additionalProperties`. As there, too, an optional property may be null.

Sources: OpenAPI 2.0; "AutoRest Extensions for OpenAPI 2.0" (Azure/autorest, docs/extensions).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from tools.conformance.departures import Departure
from tools.conformance.documents import Documents, Node
from tools.conformance.formats import FORMATS

Schema = dict[str, Any]

_SAME = (
    "type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip


@dataclass
class Schemas:
    """Converts schemas; those that have a name are kept in *named*, since they may lead back to themselves.

    *departures*: by the name of a schema, how the service differs from it.
    """

    documents: Documents
    departures: Mapping[str, Departure] = field(default_factory=dict)
    named: dict[str, Schema] = field(default_factory=dict)

    def validator(self, node: Node) -> Draft202012Validator:
        """What checks a response's body against the schema at *node*."""
        return Draft202012Validator({**self.of(node), "$defs": self.named}, format_checker=FORMATS)

    def of(self, node: Node) -> Schema:
        """The schema at *node*; a named one becomes a reference."""
        target = self.documents.follow(node)
        if not target.key:
            return self._convert(target)
        name = re.sub(r"[^\w.-]", "_", target.key)
        if name not in self.named:
            self.named[name] = {}  # may be met again on the way
            self.named[name] = self._convert(target)
        return _nullable(node, {"$ref": f"#/$defs/{name}"})

    def _convert(self, node: Node) -> Schema:
        if heirs := self._heirs(node):
            return {"anyOf": heirs}
        merged = self._merged(node)
        schema: Schema = {name: merged[name] for name in _SAME if name in merged}
        if "enum" in merged:
            schema.update(_enumeration(merged))
        if "items" in merged:
            schema["items"] = self.of(node.part(merged["items"]))
        self._add_properties(schema, merged, node)
        return _nullable(node, schema)

    def _add_properties(self, schema: Schema, merged: Mapping[str, Any], node: Node) -> None:
        properties: Mapping[str, Any] = merged.get("properties", {})
        required = frozenset(merged.get("required", ()))
        schema["properties"] = {
            name: self._property(node.part(part), optional=name not in required) for name, part in properties.items()
        }
        schema["required"] = sorted(name for name in required if schema["properties"].get(name) is not False)
        rest = merged.get("additionalProperties", not properties)
        schema["additionalProperties"] = self.of(node.part(rest)) if isinstance(rest, Mapping) else rest

    def _property(self, node: Node, *, optional: bool) -> Schema | bool:
        """What a property may be: nothing at all where it never comes back; null, too, where it is optional."""
        if self._kept_back(node):
            return False
        schema = self.of(node)
        return {"anyOf": [{"type": "null"}, schema]} if optional else schema

    def _merged(self, node: Node) -> dict[str, Any]:
        """*node* with all that its ancestors (`allOf`) say; what is nearer counts more."""
        whole: dict[str, Any] = {"properties": {}, "required": []}
        parents = [self.documents.follow(node.part(part)) for part in node.value.get("allOf", ())]
        for part in [*(_rebased(self._merged(parent), str(parent.file)) for parent in parents), node.value]:
            properties = {**whole["properties"], **part.get("properties", {})}
            required = [*whole["required"], *part.get("required", ())]
            whole = {**whole, **part, "properties": properties, "required": list(dict.fromkeys(required))}
        differs = self.departures.get(node.key.rpartition("/definitions/")[2])
        return {**whole, "properties": differs.applied(whole["properties"])} if differs else whole

    def _kept_back(self, node: Node) -> bool:
        """Whether a property never comes back from the service."""
        both = {**self.documents.follow(node).value, **node.value}
        mutability: Collection[str] = both.get("x-ms-mutability", ("read",))
        return "x-ms-secret" in both or "read" not in mutability

    def _heirs(self, node: Node) -> list[Schema]:
        """The schemas of the same document that inherit from a discriminated one, each for its own value."""
        kind = node.value.get("discriminator")
        if kind is None or not node.key:
            return []
        definitions: Mapping[str, Any] = self.documents.read(node.file).get("definitions", {})
        return [
            {
                "allOf": [self.of(Node({"$ref": f"#/definitions/{name}"}, node.file))],
                "properties": {kind: {"const": definition.get("x-ms-discriminator-value", name)}},
            }
            for name, definition in definitions.items()
            if any(self.documents.follow(Node(part, node.file)).key == node.key for part in definition.get("allOf", ()))
        ]


def _rebased(value: Any, file: str) -> Any:
    """*value* as it can be read from another document: its references name the *file* they are of."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            target, _, pointer = reference.partition("#")
            return {**value, "$ref": reference if target.startswith("/") else _joined(file, target, pointer)}
        return {name: _rebased(item, file) for name, item in value.items()}
    return [_rebased(item, file) for item in value] if isinstance(value, list) else value


def _joined(file: str, target: str, pointer: str) -> str:
    return f"{file.rpartition('/')[0]}/{target}#{pointer}" if target else f"{file}#{pointer}"


def _enumeration(merged: Mapping[str, Any]) -> Schema:
    """The values; an open enumeration may have others, but not the same in other letters."""
    values = list(merged["enum"])
    if not merged.get("x-ms-enum", {}).get("modelAsString"):
        return {"enum": values}
    texts = "|".join(re.escape(str(value)) for value in values)
    return {"anyOf": [{"enum": values}, {"not": {"pattern": f"(?i)^({texts})$"}}]}


def _nullable(node: Node, schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]} if node.value.get("x-nullable") else schema
