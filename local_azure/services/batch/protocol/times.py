"""Times and spans as the Batch service writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

UNLIMITED = "P10675199DT2H48M5.4775807S"  # the longest span that .NET knows
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def http_date(moment: datetime) -> str:
    """The form of Last-Modified and ocp-creation-time."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def etag_of(modified: datetime) -> str:
    """Batch's ETag, without quotes: the time of the last change in ticks of 100 ns since the year 1."""
    since = modified.replace(tzinfo=None) - datetime(1, 1, 1)  # noqa: DTZ001 - both are UTC, and ticks know no zone
    return f"0x{(since.days * 86400 + since.seconds) * 10_000_000 + since.microseconds * 10:X}"


def later(modified: datetime, now: datetime) -> datetime:
    """The time of a change at *now*; two changes at one instant still have two ETags."""
    return max(now, modified + timedelta(microseconds=1))


def parse_stamp(text: str) -> datetime:
    """A moment in UTC; one without a zone is taken for UTC. Raises: ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration without months and years, as PT15M. Raises: ValueError."""
    match = _DURATION.fullmatch(text)
    parts = {unit: float(value) for unit, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise ValueError(f"{text!r} is no ISO 8601 duration")
    return timedelta(**parts)


def after(moment: datetime, span: str) -> datetime | None:
    """The end of *span*, an ISO 8601 duration, from *moment* on; None where it lies beyond all calendars.

    Batch writes "without limit" as `UNLIMITED`.
    """
    try:
        return moment + parse_duration(span)
    except OverflowError:
        return None
