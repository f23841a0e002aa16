"""The polls of all nodes, on the one queue of due events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from local_azure.clock import Clock

EVENT = "node.poll"


class Polled(Protocol):
    """What polls: the service of a node."""

    async def due(self, quiet_until: Callable[[], datetime]) -> None:
        """Do what is due now."""


class Polls:
    """Wakes the services of the nodes by *clock*. *find* gives the service of a node, by its key, if it runs."""

    def __init__(self, clock: Clock, find: Callable[[str], Polled | None]) -> None:
        self._clock = clock
        self._find = find
        self._quiet = clock.now()
        self._quiet_at = -1
        clock.on(EVENT, self._due)

    def schedule(self, key: str, at: datetime) -> None:
        """Wake the service of the node *key* at a date."""
        self._clock.schedule(at, EVENT, key)

    def _due(self, key: str) -> Awaitable[None] | None:
        service = self._find(key)
        return service.due(self._quiet_until) if service else None

    def _quiet_until(self) -> datetime:
        """When the next event that is no poll falls due; found once for all nodes, until then or until a write."""
        if self._quiet <= self._clock.now() or self._quiet_at != self._clock.revision:
            self._quiet, self._quiet_at = self._clock.quiet_until(EVENT), self._clock.revision
        return self._quiet
