"""Which processor cores the threads of the visits keep to, and how many processes that is worth."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

SECOND_PROCESS_FROM = 200  # nodes; for fewer, a second process costs more to start than it saves


def processes_for(hosts: int) -> int:
    """How many processes are worth their start for so many hosts: two at most, and one where there is one core."""
    return 2 if hosts >= SECOND_PROCESS_FROM and len(_usable_cores()) != 1 else 1


def cores_for(processes: int, *, keep_to_cores: bool) -> tuple[int | None, ...]:
    """The core for each of so many processes to keep to; None for anywhere.

    The last cores come first, since what else runs tends to be on the first. A process more than there are cores
    shares one.
    """
    usable = _usable_cores()
    if not keep_to_cores or not usable:
        return (None,) * processes
    return tuple(usable[number % len(usable)] for number in range(processes))


def thread_pool(threads: int, core: int | None) -> ThreadPoolExecutor:
    """A pool whose threads, and those that they start, run on *core*; anywhere for None.

    Python runs one thread at a time. Passing that turn from core to core costs as much as the visits themselves.
    """
    if core is None:
        return ThreadPoolExecutor(threads, thread_name_prefix="visit")
    return ThreadPoolExecutor(threads, thread_name_prefix="visit", initializer=_keep_to, initargs=(core,))


def _keep_to(core: int) -> None:
    with suppress(OSError):  # the core was taken from us meanwhile: any other will do
        os.sched_setaffinity(0, {core})


def _usable_cores() -> list[int]:
    """The cores that this process may run on, last first; empty where the system does not tell: only Linux does."""
    return sorted(os.sched_getaffinity(0), reverse=True) if hasattr(os, "sched_getaffinity") else []
