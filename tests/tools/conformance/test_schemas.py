"""Swagger's schemas, in their own words, become JSON Schema for answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.conformance.departures import Departure
from tools.conformance.documents import Documents, Node
from tools.conformance.schemas import Schemas

TEXT = {"type": "string"}
OPEN = {"type": "string", "enum": ["Rsa", "Ec"], "x-ms-enum": {"name": "Kind", "modelAsString": True}}
CLOSED = {"type": "string", "enum": ["Rsa", "Ec"], "x-ms-enum": {"name": "Kind", "modelAsString": False}}


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


DEFINITIONS = {
    "Base": {"required": ["id"], **thing(id={**TEXT, "readOnly": True})},
    "Heir": {"allOf": [{"$ref": "#/definitions/Base"}], **thing(size={"type": "integer"})},
    "Elsewhere": {"allOf": [{"$ref": "../common.json#/definitions/Error"}]},
    "Tree": thing(name=TEXT, below={"type": "array", "items": {"$ref": "#/definitions/Tree"}}),
    "Animal": {"discriminator": "kind", "required": ["kind"], **thing(kind=TEXT)},
    "Cat": {"allOf": [{"$ref": "#/definitions/Animal"}], **thing(lives={"type": "integer"})},
    "Dog": {"x-ms-discriminator-value": "dog", "allOf": [{"$ref": "#/definitions/Animal"}], **thing(tricks=TEXT)},
}
HOLDS: list[tuple[str, dict[str, Any], Any]] = [
    ("an optional property may be missing", thing(a=TEXT), {}),
    ("an optional property may be null", thing(a=TEXT), {"a": None}),
    (
        "a required one may be null if it says so",
        {"required": ["a"], **thing(a={**TEXT, "x-nullable": True})},
        {"a": None},
    ),
    ("an open enumeration grows", OPEN, "Oct"),
    ("a map takes any name", {"type": "object", "additionalProperties": TEXT}, {"any": "x"}),
    ("an object without properties takes everything", {"type": "object"}, {"any": {"thing": 1}}),
    ("what is inherited is known", {"$ref": "#/definitions/Heir"}, {"id": "x", "size": 1}),
    ("what is inherited from elsewhere", {"$ref": "#/definitions/Elsewhere"}, {"code": "x", "message": {"value": "y"}}),
    ("a schema leads to itself", {"$ref": "#/definitions/Tree"}, {"name": "a", "below": [{"name": "b", "below": []}]}),
    ("an heir answers to its name", {"$ref": "#/definitions/Animal"}, {"kind": "Cat", "lives": 9}),
    ("an heir answers to its value", {"$ref": "#/definitions/Animal"}, {"kind": "dog", "tricks": "many"}),
    ("a secret is not required back", {"required": ["a"], **thing(a={**TEXT, "x-ms-secret": True})}, {}),
]
BREAKS: list[tuple[str, dict[str, Any], Any]] = [
    ("another type", thing(a=TEXT), {"a": 1}),
    ("a property that nobody knows", thing(a=TEXT), {"b": "x"}),
    ("a required property is missing", {"required": ["a"], **thing(a=TEXT)}, {}),
    ("a required property is null", {"required": ["a"], **thing(a=TEXT)}, {"a": None}),
    ("a closed enumeration does not grow", CLOSED, "Oct"),
    ("an open enumeration in other letters", OPEN, "RSA"),
    ("a number beyond its format", {"type": "integer", "format": "int32"}, 2**31),
    ("a map's value of another type", {"type": "object", "additionalProperties": TEXT}, {"any": 1}),
    ("what is inherited is required", {"$ref": "#/definitions/Heir"}, {"size": 1}),
    ("the wrong item", {"type": "array", "items": TEXT}, ["a", 1]),
    ("deep inside itself", {"$ref": "#/definitions/Tree"}, {"below": [{"below": [{"name": 1}]}]}),
    ("a secret comes back", thing(a={**TEXT, "x-ms-secret": True}), {"a": "x"}),
    ("what is for creating comes back", thing(a={**TEXT, "x-ms-mutability": ["create"]}), {"a": "x"}),
    ("an heir with another's properties", {"$ref": "#/definitions/Animal"}, {"kind": "Cat", "tricks": "many"}),
    ("a pattern", {"type": "string", "pattern": "^a+$"}, "b"),
]


def validated(folder: Path, schema: dict[str, Any], value: Any, **departures: Departure) -> bool:
    documents = Documents(folder / "rest-api-specs")
    (document,) = documents.swagger()
    return Schemas(documents, departures).validator(Node(schema, document.file)).is_valid(value)


@pytest.mark.parametrize(("schema", "value"), [each[1:] for each in HOLDS], ids=[each[0] for each in HOLDS])
def test_an_answer_that_holds(described: Callable[[dict[str, Any]], Path], schema: dict[str, Any], value: Any) -> None:
    """What the description allows is no fault."""
    assert validated(described(DEFINITIONS), schema, value)


@pytest.mark.parametrize(("schema", "value"), [each[1:] for each in BREAKS], ids=[each[0] for each in BREAKS])
def test_an_answer_that_breaks(described: Callable[[dict[str, Any]], Path], schema: dict[str, Any], value: Any) -> None:
    """What the description rules out is found."""
    assert not validated(described(DEFINITIONS), schema, value)


def test_a_service_departs_from_a_schema(described: Callable[[dict[str, Any]], Path]) -> None:
    """With a property more or less, by the schema's name; its heirs do, too, another schema does not."""
    folder = described(DEFINITIONS)
    more = {"Base": Departure("", "Base", "", "", more=frozenset({"extra"}))}
    less = {"Base": Departure("", "Base", "", "", less=frozenset({"id"}))}
    heir = {"$ref": "#/definitions/Heir"}
    assert validated(folder, heir, {"id": "x", "extra": 1}, **more)
    assert not validated(folder, {"$ref": "#/definitions/Tree"}, {"extra": 1}, **more)
    assert validated(folder, heir, {"size": 1}, **less)
    assert not validated(folder, heir, {"id": "x"}, **less)


def test_a_service_knows_more_words(described: Callable[[dict[str, Any]], Path]) -> None:
    """Of an enumeration, the named ones alone; where the schema stands as well as in its heirs."""
    key = {"required": ["kind"], **thing(kind=CLOSED)}
    folder = described({"Key": key, "Heir": {"allOf": [{"$ref": "#/definitions/Key"}]}})
    words = {"Key": Departure("", "Key", "", "", words={"kind": ("Oct",)})}
    for name in ("Key", "Heir"):
        schema = {"$ref": f"#/definitions/{name}"}
        assert [validated(folder, schema, {"kind": kind}, **words) for kind in ("Ec", "Oct", "Dsa")] == [
            True,
            True,
            False,
        ]
        assert not validated(folder, schema, {"kind": "Oct"})
