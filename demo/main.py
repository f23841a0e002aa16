"""The command: what a person sees at the end, however it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from demo.course import Course
from demo.failure import DemoFailedError
from demo.room import Room, claim_room
from demo.screen import Screen

INTERRUPTED = 130  # 128 + SIGINT, as shells count
LOG_LINES = 15


def main() -> int:
    """Run the demonstration: 0 with the closing line, 1 with the reason, 130 where it was interrupted."""
    screen = Screen(Console())
    keep = os.environ.get("KEEP", "0") not in {"", "0"}
    _interrupt_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    try:
        with claim_room(Path(".demo")) as room:
            return _run(screen, room, keep=keep)
    except KeyboardInterrupt:
        screen.say("interrupted; everything is stopped")
        return INTERRUPTED


def _run(screen: Screen, room: Room, *, keep: bool) -> int:
    try:
        closing = Course(screen, room).run(keep=keep)
    except (DemoFailedError, httpx.HTTPError) as error:
        _tell_failure(screen, error)
        screen.plain(f"the logs are in {room.logs}")
        return 1
    if closing:
        screen.plain(closing)
    return 0


def _tell_failure(screen: Screen, error: Exception) -> None:
    """The reason, and the end of the log that it points to."""
    log = error.log if isinstance(error, DemoFailedError) else None
    if log is not None:
        screen.plain("\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:]))
    screen.plain(f"demo failed: {error}")


def _interrupt_on(*signals: signal.Signals) -> None:
    """Each of *signals* raises KeyboardInterrupt, once: what follows is the stopping, which is bounded.

    A handler of ours also undoes an ignored SIGINT, as a script's `&` leaves it: the worker would inherit it, and
    could not be stopped.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in signals:
        signal.signal(each, interrupt)
