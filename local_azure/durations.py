"""Spans of time as a person types them: 90d, 36h, 15m, 30s, or several in one: 1d12h."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?[wdhms])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")


def parse_span(text: str) -> timedelta:
    """The span that *text* names. Raises: ValueError, saying what is accepted."""
    if not _SPAN.fullmatch(text.strip().lower()):
        raise ValueError(f"{text!r} is not a span of time; give numbers with w, d, h, m or s: 90d, 1d12h, 30s")
    parts = _PART.findall(text.lower())
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta(0))
