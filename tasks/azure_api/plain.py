"""From the SDK's classes to plain values."""

from __future__ import annotations

from datetime import UTC, datetime


def word(value: object) -> str:
    """An SDK's enumeration value, or whatever newer text the service sent instead, as text; "" for None."""
    return str(getattr(value, "value", value) or "")


def region(value: object) -> str:
    """A region's short name: "West US 2" is westus2."""
    return str(value).replace(" ", "").lower()


def utc(value: datetime | None) -> datetime | None:
    """The same moment in the standard library's UTC: the SDKs bring time zone classes of their own."""
    return value.astimezone(UTC) if value else None
