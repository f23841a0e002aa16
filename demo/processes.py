"""Processes that are started, watched, and stopped with all that they have started themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from demo.failure import DemoFailedError
from demo.trees import Member, living, member

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # from asking to killing


class Started:
    """A process of ours and its family: what it started, what that started, and so on.

    The family is looked up at each `check`, so that a process whose parent was killed is still known.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        first = member(process.pid)
        self._family: set[Member] = {first} if first else set()

    def exit_code(self) -> int | None:
        """How the process ended, or None while it runs."""
        return self._process.poll()

    def check(self) -> None:
        """Raises: DemoFailedError where the process has ended."""
        self._look()
        code = self.exit_code()
        if code is not None:
            raise DemoFailedError(f"{self.name} ended with exit code {code}", self.log)

    def stop(self) -> None:
        """End the whole family: the process is asked first, then the rest, then what is left is killed. Bounded."""
        self._look()
        if self.exit_code() is None:
            self._process.terminate()
        self._wait_until_gone(lambda: self.exit_code() is not None)
        _signal(self._look(), signal.SIGTERM)
        self._wait_until_gone(lambda: not self._family)
        _signal(self._look(), signal.SIGKILL)
        self._process.wait(timeout=GRACE_SECONDS)

    def _look(self) -> set[Member]:
        self._family = living(self._family)
        return self._family

    def _wait_until_gone(self, gone: Callable[[], bool]) -> None:
        """Wait for *gone*, at most the grace; the family is followed meanwhile, since a dying process may start one."""
        until = time.monotonic() + GRACE_SECONDS
        self._look()
        while not gone() and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            self._look()


@contextmanager
def running(name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path) -> Iterator[Started]:
    """Run *command* for as long as the context; it and what it started are gone afterwards.

    It gets a session of its own, so that a Ctrl-C in the terminal reaches us alone, and we stop things in order.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Started(name, process, log)
    try:
        yield started
    finally:
        started.stop()


def _signal(family: Iterable[Member], number: signal.Signals) -> None:
    for each in family:
        with suppress(ProcessLookupError):
            os.kill(each.pid, number)
