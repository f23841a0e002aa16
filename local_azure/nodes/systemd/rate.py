"""How often something may happen within some time."""

from __future__ import annotations

from datetime import datetime, timedelta

from local_azure.nodes.systemd.settings import Limit


class Rate:
    """Counts against a limit."""

    def __init__(self) -> None:
        self._times: list[datetime] = []

    def allows(self, limit: Limit, now: datetime) -> bool:
        """Whether it may happen once more, at *now*; then it counts."""
        if not limit.interval or not limit.burst:
            return True
        if limit.interval < timedelta.max.total_seconds():
            began = now - timedelta(seconds=limit.interval)
            self._times = [time for time in self._times if time > began]
        if len(self._times) >= limit.burst:
            return False
        self._times.append(now)
        return True

    def forget(self) -> None:
        """Begin to count anew."""
        self._times.clear()
