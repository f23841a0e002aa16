"""The formats of strings and numbers."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema.exceptions import FormatError

from tools.conformance.formats import FORMATS

GOOD: list[tuple[str, Any]] = [
    ("date-time", "2026-01-02T03:04:05Z"),
    ("date-time", "2026-01-02T03:04:05.1234567Z"),
    ("date-time", "2026-01-02T03:04:05+02:00"),
    ("date-time-rfc1123", "Fri, 02 Jan 2026 03:04:05 GMT"),
    ("duration", "PT15M"),
    ("duration", "P10675199DT2H48M5.4775807S"),
    ("uuid", "00000000-0000-4000-8000-00000000000a"),
    ("byte", "AAEC"),
    ("base64url", "_-AA"),
    ("arm-id", "/subscriptions/x"),
    ("int32", 2**31 - 1),
    ("int64", 2**63 - 1),
    ("unixtime", 1_900_000_000),
    ("uri", "anything"),
    ("date-time", 5),
]
BAD: list[tuple[str, Any]] = [
    ("date-time", "2026-01-02"),
    ("date-time", "2026-01-02 03:04:05Z"),
    ("date-time", "2026-01-02T03:04:05"),
    ("date-time", "2026-13-02T03:04:05Z"),
    ("date-time-rfc1123", "2026-01-02T03:04:05Z"),
    ("date-time-rfc1123", "Fri, 02 Jan 2026 03:04:05 +0000"),
    ("duration", "15 minutes"),
    ("duration", "P"),
    ("duration", "PT"),
    ("uuid", "00000000000040008000000000000000"),
    ("uuid", "x"),
    ("byte", "_-AA"),
    ("base64url", "+/AA"),
    ("arm-id", "subscriptions/x"),
    ("int32", 2**31),
    ("int64", 2**63),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_what_has_the_format(name: str, value: Any) -> None:
    """Azure's own ways of writing count; a format says nothing of values of another type, nor does an unknown one."""
    FORMATS.check(value, name)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_has_not(name: str, value: Any) -> None:
    """Every near miss is found."""
    with pytest.raises(FormatError):
        FORMATS.check(value, name)
