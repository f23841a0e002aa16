"""The part of OData that Batch's lists understand."""

from __future__ import annotations

import pytest

from local_azure.services.batch.protocol.odata import FilterError, compile_filter, select

ROW = {
    "id": "it's",
    "state": "idle",
    "isDedicated": True,
    "runningTasksCount": 3,
    "creationTime": "2026-05-01T12:00:00Z",
    "properties": {"allocationState": "Steady"},
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("state eq 'IDLE'", True),
        ("STATE eq 'idle'", True),
        ("state ne 'idle'", False),
        ("id eq 'it''s'", True),
        ("startswith(id, 'IT')", True),
        ("startswith(state, 'x')", False),
        ("isDedicated eq true", True),
        ("isDedicated eq false", False),
        ("runningTasksCount gt 2 and runningTasksCount le 3", True),
        ("creationTime lt datetime'2026-05-01T12:00:01Z'", True),
        ("creationTime ge DateTime'2026-05-02T00:00:00Z'", False),
        ("properties/allocationState eq 'steady'", True),
        ("missing eq 'x'", False),
        ("missing gt 1", False),
        ("state eq 'x' or state eq 'idle' and isDedicated eq false", False),
        ("(state eq 'x' or state eq 'idle') and isDedicated eq true", True),
        ("not (state eq 'idle')", False),
        ("not state eq 'x'", True),
    ],
)
def test_filters(text, passes) -> None:
    """and binds closer than or; text and names are compared without case; what is missing equals nothing."""
    assert compile_filter(text)(ROW) is passes


@pytest.mark.parametrize(
    "text",
    [
        "state",
        "state eq",
        "state like 'x'",
        "(state eq 'x'",
        "state eq 'x')",
        "eq 'x'",
        "state eq 'x' state",
        "a eq #",
        "state eq datetime'today'",
        "startswith(state)",
        "state eq other",
    ],
)
def test_what_is_no_filter(text) -> None:
    """It is refused, never guessed at."""
    with pytest.raises(FilterError):
        compile_filter(text)


@pytest.mark.parametrize(("names", "keys"), [("", set(ROW)), ("id, STATE", {"id", "state"}), ("nothing", set())])
def test_select(names, keys) -> None:
    """Only the properties named, in their own spelling."""
    assert set(select(ROW, names)) == keys
