"""What units say: in /var/log/syslog, as rsyslog writes it, and the newest lines of each for `systemctl status`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from local_azure.nodes.disk import Disk

FILE = "/var/log/syslog"
_KEPT = 10  # lines for each unit, as `status` shows


class Journal:
    """The journal of one node."""

    def __init__(self, disk: Disk, now: Callable[[], datetime]) -> None:
        self._disk = disk
        self._now = now
        self._newest: dict[str, deque[str]] = {}

    def write(self, unit: str, text: str, pid: int = 1) -> None:
        """Add what the process *pid* says for a unit; 1 is systemd itself."""
        who = "systemd" if pid == 1 else unit.rpartition(".")[0]
        host = self._disk.host("/etc/hostname").read_text().strip() if self._disk.root.is_dir() else ""
        line = f"{self._now():%b %e %H:%M:%S} {host} {who}[{pid}]: {text}"
        self._newest.setdefault(unit, deque(maxlen=_KEPT)).append(line)
        with suppress(FileNotFoundError):  # the node was wiped under its service
            self._disk.append(FILE, line)

    def newest(self, unit: str) -> list[str]:
        """The newest lines of a unit."""
        return list(self._newest.get(unit, ()))
