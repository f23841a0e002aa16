"""Programs that were started on nodes and have left their group: they are known by a variable they began with.

Where a host tells no environments (Linux does, in /proc), a program that leaves its group is not found again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

_PROCESSES = Path("/proc")
# Waits for the end of its input, then ends what is left, and what that has started meanwhile.
_WARDEN = """
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10; do
  found=$(grep -lsF -- "$1" /proc/[0-9]*/environ)
  [ "$found" ] || exit 0
  for file in $found; do file=${file#/proc/}; kill -KILL "${file%/environ}"; done
  sleep 0.02
done
"""


def end_left(variable: str) -> None:
    """End every program that began with *variable*, "NAME=value", in its environment."""
    if not _PROCESSES.is_dir():
        return
    wanted = variable.encode()
    for process in _PROCESSES.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


class Warden:
    """A small process that ends what a server has left running, once the server has ended: in whatever way.

    Left is what has a variable that starts with *mark*, "NAME=start of its value", in its environment.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to watch; once is enough."""
        if self._process or not _PROCESSES.is_dir():
            return
        self._process = subprocess.Popen(  # noqa: S603 - the script is the one above
            ["/bin/sh", "-c", _WARDEN, "warden", self._mark],
            stdin=subprocess.PIPE,  # closed with this process, also where that is killed
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},  # else the mark might be found in its own
            start_new_session=True,  # Ctrl-C is not for it
        )

    async def close(self) -> None:
        """End what is left, and return once that has been done."""
        process, self._process = self._process, None
        if process and process.stdin:
            process.stdin.close()
            await asyncio.to_thread(process.wait)
