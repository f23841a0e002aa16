"""Fingerprints, moments and spans of time, as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SHORT_FINGERPRINT = 16
"""Hex digits that stand for a fingerprint where people compare two by eye."""

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def short(sha256: str) -> str:
    """The first digits of a fingerprint."""
    return sha256[:SHORT_FINGERPRINT]


def moment(time: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def day(time: datetime) -> str:
    """A moment to the day, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d}"


def iso(time: datetime) -> str:
    """A moment to the second, ISO 8601 in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def lasting(span: timedelta) -> str:
    """A span in its two largest units, "3 d 4 h"; a negative one counts as none."""
    left = max(0, int(span.total_seconds()))
    parts: list[str] = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part) or "0 s"
