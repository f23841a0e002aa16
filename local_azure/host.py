"""What the host gives to a process with many nodes: open files, signals, and a place for their disks."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
import threading
from pathlib import Path

_WANTED_FILES = (65_536, 10_240)  # the second is the most that macOS takes where the hard limit says infinity
_IGNORED_BY_SHELLS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's tmpfs
_ROOM = 2 * 1024**3  # bytes; 1,000 nodes take some 100 MB


def raise_open_files() -> int:
    """Let this process have as many open files as it may: a node takes one, each connection another. Returns that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in _WANTED_FILES:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
                break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def hand_on_signals() -> None:
    """Have the nodes' programs hear the signals that this process ignores, as under nohup or behind a shell's `&`.

    A program inherits what is ignored, and a shell cannot trap it then: a service would miss its reload. What has a
    handler, be it one that does nothing, is as it always is in a program. Only the main thread may see to that.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _IGNORED_BY_SHELLS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _do_nothing)


def _do_nothing(*_: object) -> None:
    return


def passing_folder() -> str:
    """Where a folder that goes with the process is made best.

    In memory, where the host has a file system there with room, on which programs can run: a node makes sixty files
    and folders, and on a disk that is most of its cost. TMPDIR, where it is set, decides.
    """
    if any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")) or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return tempfile.gettempdir()
    facts = os.statvfs(_MEMORY)
    runs_programs = not facts.f_flag & getattr(os, "ST_NOEXEC", 0)
    return str(_MEMORY) if runs_programs and facts.f_bavail * facts.f_frsize >= _ROOM else tempfile.gettempdir()
