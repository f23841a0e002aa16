"""The models as the form of a run: every field explains itself, every pattern is read alike everywhere."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from batchcert.spec import (
    CertificateSpec,
    ChangeSpec,
    DrillSpec,
    IdentitySpec,
    PoolSpec,
    RepairSpec,
    Target,
    ValidationSpec,
    VaultSpec,
)

MODELS: list[type[BaseModel]] = [
    Target,
    IdentitySpec,
    VaultSpec,
    CertificateSpec,
    PoolSpec,
    ValidationSpec,
    DrillSpec,
    ChangeSpec,
    RepairSpec,
]


def fields_of(schema: dict) -> Iterator[tuple[str, dict]]:
    """Each field of a model's JSON schema and of the models inside it."""
    for model in (schema, *schema.get("$defs", {}).values()):
        for name, field in model.get("properties", {}).items():
            yield f"{model['title']}.{name}", field


def patterns_in(schema: object) -> Iterator[str]:
    """Every pattern anywhere in a schema."""
    if isinstance(schema, dict):
        yield from (value for key, value in schema.items() if key == "pattern" and isinstance(value, str))
        for value in schema.values():
            yield from patterns_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns_in(value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_has_a_title(model):
    """The form shows a title written for a person, not one made from a variable's name."""
    untitled = [
        name for name, field in fields_of(model.model_json_schema()) if "title" not in field and "$ref" not in field
    ]
    assert untitled == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_plain_field_has_a_description(model):
    """What a person types in is explained beside it; a nested model explains itself."""
    bare = [
        name
        for name, field in fields_of(model.model_json_schema())
        if "description" not in field and "$ref" not in field
    ]
    assert bare == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_patterns_mean_the_same_to_server_and_browser(model):
    """Python's re, which checks a run's parameters on the server, compiles each pattern; none looks around."""
    for pattern in patterns_in(model.model_json_schema()):
        re.compile(pattern)
        assert "(?" not in pattern, pattern
        assert pattern.startswith("^"), pattern


def test_a_field_that_does_not_exist_is_refused_by_every_model():
    """A misspelt field in a region's file is told, not dropped."""
    assert all(model.model_json_schema()["additionalProperties"] is False for model in MODELS)
