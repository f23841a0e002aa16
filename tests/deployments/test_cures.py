"""What to do about pydantic's faults."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from deployments.cures import cure_for, message


class Inner(BaseModel, extra="forbid"):
    minute: int = Field(description="The minute of the hour.", ge=0)


class Outer(BaseModel, extra="forbid"):
    inner: Inner = Field(title="Inner")
    many: list[Inner] = Field(default_factory=list, description="Several.")


@pytest.mark.parametrize(
    ("value", "cure"),
    [
        ({"inner": {"minute": -1}}, "The minute of the hour."),
        ({"inner": {}}, "add it: The minute of the hour."),
        ({"inner": {"minute": 1, "minutes": 1}}, "did you mean minute?"),
        ({"inner": {"minute": 1, "zebra": 1}}, "remove it; the fields here are minute"),
        ({}, "add it: Inner"),
        ({"inner": {"minute": 1}, "many": [{"minute": "x"}]}, "The minute of the hour."),
        ({"inner": {"minute": 1}, "many": [7]}, ""),
    ],
)
def test_the_cure_is_the_models_own_words(value: Any, cure: str) -> None:
    """The description of the field, or the name that was likely meant."""
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(value)
    (error,) = caught.value.errors()
    assert cure_for(Outer, error) == cure
    assert "Value error" not in message(error)
