"""Which processes a process has started, directly or not, on Linux and macOS."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")


def descendants(pid: int) -> set[int]:
    """The children of *pid*, their children, and so on, as they are now."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in _parents():
        children[parent].append(child)
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = [child for child in children[waiting.pop()] if child not in found]
        found.update(new)
        waiting += new
    return found


def _parents() -> list[tuple[int, int]]:
    """Each process with its parent; from /proc where there is one, since a small Linux has no `ps`."""
    if (PROC / "self/stat").exists():
        stats = (_stat(folder) for folder in PROC.iterdir() if folder.name.isdigit())
        return [pair for pair in stats if pair is not None]
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)  # noqa: S607
    return [(int(pid), int(parent)) for pid, parent in (line.split() for line in listing.stdout.splitlines())]


def _stat(folder: Path) -> tuple[int, int] | None:
    """Pid and parent of one process, or None where it is a zombie or has just gone (proc_pid_stat(5))."""
    try:
        _, _, after_name = (folder / "stat").read_text().rpartition(")")
    except OSError:
        return None
    state, parent, *_ = after_name.split()
    return None if state == "Z" else (int(folder.name), int(parent))
