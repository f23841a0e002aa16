"""When a schedule may make jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_azure.services.batch.schedules.dates import Dates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("schedule", "dates"),
    [
        ({}, Dates(NOON)),
        ({"doNotRunUntil": "2026-03-01T14:00:00Z"}, Dates(at(2))),
        ({"doNotRunUntil": "2014-09-10T02:30:00.000Z"}, Dates(NOON)),
        ({"doNotRunAfter": "2026-03-01T13:00:00Z"}, Dates(NOON, last=at(1))),
        (
            {"startWindow": "PT1M", "recurrenceInterval": "PT2H"},
            Dates(NOON, None, timedelta(minutes=1), timedelta(hours=2)),
        ),
    ],
)
def test_what_a_schedule_says(schedule: dict[str, Any], dates: Dates) -> None:
    """What is left out has no limit; a first date that has passed is now."""
    assert Dates.of(schedule, NOON) == dates


@pytest.mark.parametrize(
    ("interval", "last", "moment", "following"),
    [
        (None, None, -1, 0),
        (None, None, 0, None),
        (2, None, 0, 2),
        (2, None, 1.5, 2),
        (2, None, 2, 4),
        (2, 4, 2, 4),
        (2, 3, 2, None),
        (None, -1, -2, None),
    ],
)
def test_the_next_date(interval: float | None, last: float | None, moment: float, following: float | None) -> None:
    """One, or one every interval, until the last; in hours from the first."""
    span = None if interval is None else timedelta(hours=interval)
    dates = Dates(NOON, None if last is None else at(last), interval=span)
    assert dates.following(at(moment)) == (None if following is None else at(following))


@pytest.mark.parametrize(
    ("window", "last", "moment", "missed"),
    [(None, None, 999, False), (1, None, 1, False), (1, None, 1.1, True), (5, 2, 2, False), (5, 2, 2.1, True)],
)
def test_a_chance_that_is_missed(window: float | None, last: float | None, moment: float, missed: bool) -> None:
    """Once its window is over, or the last date; in hours from when it was due."""
    span = None if window is None else timedelta(hours=window)
    dates = Dates(NOON, None if last is None else at(last), window=span)
    assert dates.missed(NOON, at(moment)) is missed
