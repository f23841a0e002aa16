"""What units of nodes want to do later, on the one queue of due events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from local_azure.clock import Clock

EVENT = "node.alarm"


class Woken(Protocol):
    """What is woken: a node."""

    def wake(self, unit: str, word: str) -> None:
        """Let a unit do what it wanted to."""


class Alarms:
    """Wakes the units of nodes by *clock*. *find* gives a node by its key, if there is one."""

    def __init__(self, clock: Clock, find: Callable[[str], Woken | None]) -> None:
        self._clock = clock
        self._find = find
        clock.on(EVENT, self._due)

    def set(self, key: str, wait: timedelta, unit: str) -> str:
        """Wake a unit of the node *key* in so much time. Returns the word that it will be woken with."""
        at = self._clock.now() + wait
        self._clock.schedule(at, EVENT, key, unit, at.isoformat())
        return at.isoformat()

    def _due(self, key: str, unit: str, word: str) -> None:
        if node := self._find(key):
            node.wake(unit, word)
