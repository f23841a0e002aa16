"""Placeholders, as Prefect reads them."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.utilities.templating import apply_values, find_placeholders

from deployments.templates import Placeholder, filled_in, placeholders, why_unknown

OUTPUTS = {"region": {"target": {"a": 1}, "cron": "7 * * * *"}, "unknowable": None}


def test_placeholders_are_found_where_they_stand() -> None:
    """In maps and lists, several in one text, and those that are not whole."""
    value = {"a": ["{{ region.target }}", "x {{a.b}} {{ $C }}"], "b": "{{ region.target }", "c": 3}
    assert list(placeholders(value)) == [
        Placeholder(("a", 0), "region.target"),
        Placeholder(("a", 1), "a.b"),
        Placeholder(("a", 1), "$C"),
        Placeholder(("b",), ""),
    ]


@pytest.mark.parametrize("text", ["{{ a.b }}", "{{a}}x{{ $B }}", "{{ a.b[0] }}", "{{ a b }}", "{ a }"])
def test_prefect_finds_the_same(text: str) -> None:
    """Our pattern is Prefect's."""
    ours = {placeholder.name for placeholder in placeholders(text) if placeholder.name}
    assert ours == {placeholder.name for placeholder in find_placeholders(text)}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("region.target", ""),
        ("region.target.a", ""),
        ("region.tarjet", "the build step gives no tarjet, but target, cron"),
        ("region", "the build step gives no such value"),
        ("regions.target", "no build step has the id regions"),
        ("unknowable.anything", ""),
        ("$HTTPS_PROXY", ""),
        ("prefect.blocks.secret.x", ""),
        ("", "not a whole placeholder"),
    ],
)
def test_what_stands_for_nothing_says_why(name: str, why: str) -> None:
    """A misspelt step or key is told; what only Prefect can know is left to it."""
    said = why_unknown(name, OUTPUTS)
    assert (why in said) if why else said == ""


@pytest.mark.parametrize("value", ["{{ region.target }}", "{{ region.cron }}", "plain", 3, None, ["a"]])
def test_whole_placeholders_are_filled_in_as_prefect_does(value: Any) -> None:
    """An object stays an object."""
    assert filled_in(value, OUTPUTS) == apply_values(value, OUTPUTS)


def test_what_cannot_be_known_is_none() -> None:
    """A text around a placeholder, a step that has not run."""
    assert filled_in("x {{ region.cron }}", OUTPUTS) is None
    assert filled_in("{{ unknowable.a }}", OUTPUTS) is None
