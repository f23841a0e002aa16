"""Threads that keep to one processor core."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress


def cores_for(processes: int, *, keep_to_cores: bool) -> tuple[int | None, ...]:
    """The core for each of so many processes to keep to; None for anywhere.

    Linux alone tells which cores a process may use. The last ones come first: what else runs tends to be on the
    first. A process more than there are cores shares one.
    """
    usable = sorted(os.sched_getaffinity(0), reverse=True) if hasattr(os, "sched_getaffinity") else []
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
