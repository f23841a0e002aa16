"""Which processes have been started by others, directly or not, on Linux and macOS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Member:
    """One process. The moment it started tells it from a later one that got the same number."""

    pid: int
    started: str


def member(pid: int) -> Member | None:
    """The process that has the number *pid* now, or None."""
    return next((each for each in _everyone() if each.pid == pid), None)


def living(family: Iterable[Member]) -> set[Member]:
    """Those of *family* that still run, and all that they have started by now."""
    everyone = _everyone()
    found = {each for each in family if each in everyone}
    new = found
    while new:
        pids = {each.pid for each in new}
        new = {each for each, parent in everyone.items() if parent in pids} - found
        found = found | new
    return found


def _everyone() -> dict[Member, int]:
    """Each running process with its parent; from /proc where there is one, since a small Linux has no `ps`."""
    if (PROC / "self/stat").exists():
        stats = (_stat(folder) for folder in PROC.iterdir() if folder.name.isdigit())
        return dict(pair for pair in stats if pair is not None)
    command = ["ps", "-A", "-o", "pid=,ppid=,state=,lstart="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed command
    lines = (line.split(maxsplit=3) for line in listing.stdout.splitlines())
    return {Member(int(pid), started): int(parent) for pid, parent, state, started in lines if state[0] != "Z"}


def _stat(folder: Path) -> tuple[Member, int] | None:
    """One process and its parent; None where it only waits to be collected, or has just gone (proc_pid_stat(5))."""
    try:
        _, _, after_name = (folder / "stat").read_text().rpartition(")")
    except OSError:
        return None
    fields = after_name.split()
    state, parent, started = fields[0], fields[1], fields[19]
    return None if state == "Z" else (Member(int(folder.name), started), int(parent))
