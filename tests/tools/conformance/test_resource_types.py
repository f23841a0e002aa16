"""Bicep's types of resources, as answers must have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.conformance.resource_types import ResourceTypes, type_of

TYPES: list[dict[str, Any]] = [
    {"$type": "StringType"},
    {"$type": "StringLiteralType", "value": "On"},
    {"$type": "StringLiteralType", "value": "Off"},
    {"$type": "UnionType", "elements": [{"$ref": "#/1"}, {"$ref": "#/2"}]},
    {"$type": "ArrayType", "itemType": {"$ref": "#/3"}},
    {
        "$type": "ObjectType",
        "name": "Microsoft.Test/things",
        "properties": {
            "name": {"type": {"$ref": "#/0"}, "flags": 9},
            "apiVersion": {"type": {"$ref": "#/0"}, "flags": 10},
            "password": {"type": {"$ref": "#/0"}, "flags": 4},
            "switches": {"type": {"$ref": "#/4"}, "flags": 0},
            "tags": {"type": {"$ref": "#/6"}, "flags": 0},
            "type": {"type": {"$ref": "#/7"}, "flags": 10},
        },
    },
    {"$type": "ObjectType", "name": "Tags", "properties": {}, "additionalProperties": {"$ref": "#/0"}},
    {"$type": "StringLiteralType", "value": "Microsoft.Test/things"},
    {"$type": "ResourceType", "name": "Microsoft.Test/things@2025-06-01", "body": {"$ref": "#/5"}, "writableScopes": 8},
    {"$type": "ResourceType", "name": "Microsoft.Test/seen@2025-06-01", "body": {"$ref": "#/5"}, "writableScopes": 0},
    {
        "$type": "ResourceFunctionType",
        "name": "listKeys",
        "resourceType": "Microsoft.Test/things",
        "apiVersion": "2025-06-01",
        "output": {"$ref": "#/6"},
    },
]
GOOD = {"name": "a", "switches": ["On", "Off"], "tags": {"x": "y"}, "type": "Microsoft.Test/things"}


@pytest.fixture
def types(tmp_path: Path) -> ResourceTypes:
    """One file of types."""
    (tmp_path / "types.json").write_text(json.dumps(TYPES))
    return ResourceTypes(tmp_path)


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"name": 1}, False),
        ({"switches": ["Dim"]}, False),
        ({"tags": {"x": 1}}, False),
        ({"type": "Microsoft.Test/others"}, False),
        ({"password": "secret"}, False),
        ({"apiVersion": "2025-06-01"}, False),
        ({"unknown": 1}, False),
    ],
)
def test_a_resource_is_of_its_type(types: ResourceTypes, change: dict[str, Any], holds: bool) -> None:
    """Neither a secret nor what belongs to a template alone comes back; nothing unknown does."""
    one, page = (types.validator("Microsoft.Test/things", "2025-06-01", listed=listed) for listed in (False, True))
    assert one.is_valid({**GOOD, **change}) is holds
    assert page.is_valid({"value": [GOOD, {**GOOD, **change}]}) is holds


def test_what_is_only_read_is_not_held_to_its_name(types: ResourceTypes) -> None:
    """Bicep names it after its path, the service may not."""
    seen = types.validator("Microsoft.Test/seen", "2025-06-01", listed=False)
    assert seen.is_valid({**GOOD, "type": "Microsoft.Test/other"})


def test_an_action_has_an_answer(types: ResourceTypes) -> None:
    """By the name of the resource's type and its own."""
    keys = types.validator("Microsoft.Test/things/listKeys()", "2025-06-01", listed=False)
    assert keys.is_valid({"any": "text"})
    assert not keys.is_valid({"any": 1})


def test_a_version_is_the_last_that_is_not_newer(types: ResourceTypes) -> None:
    """An older one has no type here, nor has another resource."""
    wanted = ["2025-06-01", "2026-01-01", "2024-01-01"]
    assert [types.version("microsoft.test/Things", version) for version in wanted] == ["2025-06-01", "2025-06-01", ""]
    assert types.version("microsoft.test/nothing", "2025-06-01") == ""


@pytest.mark.parametrize(
    ("path", "name", "listed"),
    [
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a", "batchaccounts", False),
        (
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a/pools",
            "batchaccounts/pools",
            True,
        ),
        ("/subscriptions/s/providers/Microsoft.Batch/batchAccounts", "batchaccounts", True),
    ],
)
def test_a_path_names_a_type(path: str, name: str, listed: bool) -> None:
    """Types and names take turns; without a name at the end it is all of them."""
    assert type_of(path) == (f"microsoft.batch/{name}", listed)
