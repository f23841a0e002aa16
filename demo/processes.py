"""Processes that are started, watched, and stopped with all that they have started themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from demo.failure import DemoFailedError
from demo.trees import descendants

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # from SIGTERM to SIGKILL


@dataclass(frozen=True)
class Started:
    """One process that was started, *name* for a person, *log* what it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises: DemoFailedError where the process has ended."""
        if self.process.poll() is not None:
            raise DemoFailedError(f"{self.name} ended with exit code {self.process.returncode}", self.log)

    def stop(self) -> None:
        """End the process and all that it started: asked first, then killed. Bounded; does nothing twice."""
        family = {self.process.pid} | descendants(self.process.pid)
        _signal({self.process.pid}, signal.SIGTERM)
        # A process may start another while it ends, so its descendants are looked up as long as it lives.
        ended = _wait(lambda: self.process.poll() is not None, watch=lambda: family.update(self._descendants()))
        rest = {pid for pid in family if pid != self.process.pid or not ended}
        _signal(rest, signal.SIGTERM)
        if not _wait(lambda: not any(_exists(pid) for pid in rest)):
            _signal(rest, signal.SIGKILL)
        self.process.wait(timeout=GRACE_SECONDS)

    def _descendants(self) -> set[int]:
        return descendants(self.process.pid) if self.process.poll() is None else set()


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


def _wait(done: Callable[[], bool], watch: Callable[[], object] = lambda: None) -> bool:
    """Wait for *done*, bounded by the grace; says whether it was."""
    until = time.monotonic() + GRACE_SECONDS
    while not done():
        if time.monotonic() > until:
            return False
        watch()
        time.sleep(POLL_SECONDS)
    return True


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _exists(pid: int) -> bool:
    """Whether *pid* still runs; one that waits to be collected by its parent does not."""
    with suppress(OSError):
        _, _, after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        return after_name.split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self/stat").exists()
