"""Spans and moments as a person reads them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from batchcert.verdict.words import iso, lasting, moment, short


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=3, seconds=20), "3 min 20 s"),
        (timedelta(hours=4), "4 h"),
        (timedelta(hours=4, seconds=20), "4 h"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=365), "365 d"),
    ],
)
def test_a_span_in_its_two_largest_units(span, expected):
    """Close enough to act on, short enough for a table."""
    assert lasting(span) == expected


def test_moments_are_in_utc():
    """Whatever zone they came in."""
    time = datetime(2026, 1, 14, 23, 30, 5, tzinfo=timezone(timedelta(hours=-2)))
    assert (moment(time), iso(time)) == ("2026-01-15 01:30 UTC", "2026-01-15T01:30:05Z")


def test_a_fingerprint_is_shown_by_its_first_sixteen_digits():
    """As many as the eye compares."""
    assert short("0123456789abcdef" * 4) == "0123456789abcdef"
