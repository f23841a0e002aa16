"""Times and spans as the Batch service writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

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
