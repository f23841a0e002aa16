"""References to the environment."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.environment import Expansion

ENVIRON = {"NAME": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    ("given", "expanded"),
    [
        ("${NAME}", "value"),
        ("a ${NAME} and ${NAME}", "a value and value"),
        ("${ABSENT:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${NAME:-default}", "value"),
        ("${ABSENT:-}", ""),
        ("$NAME", "$NAME"),
        ({"a": ["${NAME}", 3, None, True]}, {"a": ["value", 3, None, True]}),
    ],
)
def test_references_are_filled_in(given: Any, expanded: Any) -> None:
    """Set variables win over defaults; what is no reference stays as it is."""
    expansion = Expansion(ENVIRON)
    assert expansion.of(given) == expanded
    assert expansion.missing == []


@pytest.mark.parametrize(
    ("given", "name"), [("${ABSENT}", "ABSENT"), ("${EMPTY}", "EMPTY"), ("${}", ""), ("${A-B}", "A-B")]
)
def test_what_has_no_value_is_collected(given: str, name: str) -> None:
    """Each is kept with its path, so that all are told at once."""
    expansion = Expansion(ENVIRON)
    expansion.of({"list": ["fine", given]})
    assert expansion.missing == [(("list", 1), name)]
