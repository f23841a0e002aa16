"""How long Batch waits before it tries something again. Its own waits are not published."""

from __future__ import annotations

from datetime import datetime, timedelta

_LEAST = timedelta(seconds=1)
_MOST = timedelta(hours=1)  # what retries for ever costs few events in a moved year


def next_wait(since: datetime, now: datetime) -> timedelta:
    """An eighth of what has passed since the first attempt, between a second and an hour."""
    return min(max((now - since) / 8, _LEAST), _MOST)
