"""Job schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_azure.services.batch.protocol.times import etag_of, later
from local_azure.services.batch.state.jobs import ACTIVE


@dataclass
class JobSchedule:
    """A job schedule.

    Attributes:
        properties: as added or changed, with their defaults, in the data plane's spelling.
        since: when its dates were set last; they count from then.
        state: active, disabled, terminating, completed or deleting.
        made: how many jobs it has made.
        recent: the id of its newest job, or "".
        due: since when a job may be made that has not been made yet; None where none is due.
        next: when the next job may be made, None where none will.
        epoch: raised whenever other dates count.
    """

    id: str
    properties: dict[str, Any]
    created: datetime
    modified: datetime
    since: datetime
    state_since: datetime
    state: str = ACTIVE
    previous_state: str = ""
    previous_since: datetime | None = None
    made: int = 0
    recent: str = ""
    due: datetime | None = None
    next: datetime | None = None
    ended: datetime | None = None
    epoch: int = field(default=0)

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return etag_of(self.modified)

    @property
    def ending(self) -> bool:
        """Whether it makes no jobs any more, for good."""
        return self.state in {"terminating", "completed", "deleting"}

    def enter(self, state: str, now: datetime) -> None:
        """Go into *state*."""
        self.previous_state, self.previous_since = self.state, self.state_since
        self.state, self.state_since = state, now
        self.touch(now)

    def touch(self, now: datetime) -> None:
        """Note a change at *now*."""
        self.modified = later(self.modified, now)
