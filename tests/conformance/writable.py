"""From what a service shows of a resource to what a client may write: the way back, by the description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.conformance.documents import Documents, Node


def writable(documents: Documents, schema: Node, value: Any) -> Any:
    """*value* without what *schema* does not have or marks as read-only."""
    schema = documents.follow(schema)
    if isinstance(value, list) and "items" in schema.value:
        return [writable(documents, schema.part(schema.value["items"]), item) for item in value]
    properties = _properties(documents, schema)
    if not isinstance(value, Mapping) or not properties:
        return value
    return {
        name: writable(documents, properties[name], item)
        for name, item in value.items()
        if name in properties and not _is_read_only(documents, properties[name])
    }


def _properties(documents: Documents, schema: Node) -> dict[str, Node]:
    inherited = [documents.follow(schema.part(each)) for each in schema.value.get("allOf", ())]
    found = {name: node for each in inherited for name, node in _properties(documents, each).items()}
    return found | {name: schema.part(each) for name, each in schema.value.get("properties", {}).items()}


def _is_read_only(documents: Documents, node: Node) -> bool:
    return bool(node.value.get("readOnly") or documents.follow(node).value.get("readOnly"))
