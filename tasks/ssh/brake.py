"""Stops all visits of a fan-out at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stoppable(Protocol):
    """What a brake can stop: a connection."""

    def hang_up(self) -> None:
        """End the connection at once, from any thread."""


class Brake:
    """Pulled once, from the thread that was cancelled: pauses end, connections in flight are hung up."""

    def __init__(self) -> None:
        self._pulled = threading.Event()
        self._lock = threading.Lock()
        self._held: set[Stoppable] = set()

    @property
    def pulled(self) -> bool:
        """Whether the visits are to stop."""
        return self._pulled.is_set()

    def pull(self) -> None:
        """Stop every visit, also those that are about to connect."""
        with self._lock:
            self._pulled.set()
            held = tuple(self._held)
        for connection in held:
            connection.hang_up()

    def pause(self, seconds: float) -> bool:
        """Wait so long, or until the brake is pulled; whether it was."""
        return self._pulled.wait(seconds)

    @contextmanager
    def holding(self, connection: Stoppable) -> Iterator[None]:
        """Have *connection* hung up should the brake be pulled in the meantime."""
        with self._lock:
            self._held.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(connection)
