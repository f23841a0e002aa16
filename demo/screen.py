"""What a person sees: lines with the seconds gone by, and a live line for what is being waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from demo.failure import DemoFailedError

POLL_SECONDS = 0.25
T = TypeVar("T")


class Screen:
    """Lines on *console*: live on a terminal, plain elsewhere. *now* counts seconds."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._begun = now()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return self._now() - self._begun

    def say(self, text: str) -> None:
        """One line, with the seconds gone by in front."""
        self._console.print(f"{self.seconds:5.0f} s  {text}", highlight=False, markup=False, soft_wrap=True)

    def plain(self, text: str) -> None:
        """One line as it is."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def table(self, table: Table) -> None:
        """A table."""
        self._console.print(table)

    def wait_for(
        self, what: str, probe: Callable[[], T | None], *, seconds: float, check: Callable[[], None] = lambda: None
    ) -> T:
        """Ask *probe* until it answers, showing *what* is being waited for and for how long already.

        *check* is called each time and raises where waiting has become useless: a process has ended, say.
        Raises: DemoFailedError after *seconds*.
        """
        begun = self._now()
        if not self._console.is_terminal:
            self.say(f"waiting for {what}")
        with self._console.status("") as status:
            while (answer := probe()) is None:
                check()
                waited = self._now() - begun
                if waited > seconds:
                    raise DemoFailedError(f"{what}: nothing in {seconds:.0f} s")
                status.update(f"waiting for {what}: {waited:.0f} s")
                time.sleep(POLL_SECONDS)
        return answer
