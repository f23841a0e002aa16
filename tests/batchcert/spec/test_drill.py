"""The parameters of a drill."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from batchcert.spec import DrillSpec, Weekday, WindowSpec


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (WindowSpec(), "every day from 0:00 to 24:00 Etc/UTC"),
        (
            WindowSpec(days=[Weekday.MONDAY, Weekday.FRIDAY], from_hour=9, to_hour=17, timezone="America/Los_Angeles"),
            "Monday, Friday from 9:00 to 17:00 America/Los_Angeles",
        ),
    ],
)
def test_a_window_in_words(window: WindowSpec, words: str) -> None:
    """As a refusal tells it."""
    assert str(window) == words


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"certificates": ["web", "Web"]}, "web is named more than once"),
        ({"look_seconds": 0}, "look_seconds"),
        ({"validated_within_minutes": 0}, "validated_within_minutes"),
        ({"window": {"days": ["Someday"]}}, "window.days.0"),
        ({"window": {"from_hour": 24}}, "window.from_hour"),
        ({"window": {"timezone": "../etc/passwd"}}, "window.timezone"),
        ({"limit": 5}, "limit"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], what: str) -> None:
    """Naming the field."""
    with pytest.raises(ValidationError, match=what):
        DrillSpec.model_validate(given)
