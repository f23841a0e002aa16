"""When a job schedule may make jobs: pure decisions.

Source: Schedule in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local_azure.services.batch.protocol.times import parse_duration, parse_stamp


@dataclass(frozen=True)
class Dates:
    """The dates of a schedule.

    Attributes:
        first: when the first job may be made.
        last: when the last one may, None for no end.
        window: how long after its date a job may still be made; None for ever.
        interval: the time between two dates; None for one date alone.
    """

    first: datetime
    last: datetime | None = None
    window: timedelta | None = None
    interval: timedelta | None = None

    @staticmethod
    def of(schedule: dict[str, Any], since: datetime) -> Dates:
        """Those of a checked `schedule` that counts *since* then."""
        until, after = schedule.get("doNotRunUntil"), schedule.get("doNotRunAfter")
        window, interval = schedule.get("startWindow"), schedule.get("recurrenceInterval")
        return Dates(
            first=max(parse_stamp(until), since) if until else since,
            last=parse_stamp(after) if after else None,
            window=parse_duration(window) if window else None,
            interval=parse_duration(interval) if interval else None,
        )

    def following(self, moment: datetime) -> datetime | None:
        """The first date after *moment*, None where there is none."""
        if moment < self.first:
            found: datetime | None = self.first
        elif self.interval is None:
            found = None
        else:
            found = self.first + self.interval * (math.floor((moment - self.first) / self.interval) + 1)
        return found if found and not self.over(found) else None

    def over(self, moment: datetime) -> bool:
        """Whether *moment* is later than all dates can be."""
        return self.last is not None and moment > self.last

    def missed(self, due: datetime, moment: datetime) -> bool:
        """Whether a job that was *due* may not be made any more at *moment*."""
        return self.over(moment) or (self.window is not None and moment > due + self.window)
