"""Runs programs on a node: the host's own, seeing only the node's folder and a clean environment."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from local_azure.nodes.disk import Disk
from local_azure.nodes.translate import Inward
from local_azure.nodes.views import ROOT, View

_HOST_PROGRAMS = "/usr/bin:/bin:/usr/sbin:/sbin"


class Runner:
    """Starts the programs of one node and knows what still runs.

    Nothing of the server's environment gets in. `date` and the other shims of /usr/local/sbin find the node's time in
    the file `offset` beside its disk: whole seconds ahead of the host's clock, as of the newest command's start.
    """

    def __init__(self, disk: Disk, now: Callable[[], datetime]) -> None:
        self._disk = disk
        self._now = now
        self._offset = 0
        self._groups: set[int] = set()

    async def start(
        self, view: View, argv: Sequence[str], *, folder: str, extra: Mapping[str, str] | None = None
    ) -> Process:
        """Start a program in the node's *folder* as the view's user, its three streams piped.

        *argv* holds host paths; *extra* adds to the environment and is translated. Raises: OSError where there is no
        such program.
        """
        self._tell_time()
        inward = view.inward()
        process = await asyncio.create_subprocess_exec(
            *([] if view.user == ROOT else _without_override()),
            *argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=inward.text(folder),
            env=self._environment(view.user, inward, extra or {}),
            start_new_session=True,
            umask=0o022,
        )
        self._groups.add(process.pid)
        return process

    def ended(self, process: Process) -> None:
        """Note that *process* has ended; what it left running in the background goes on until `close`."""
        if not _group_lives(process.pid):
            self._groups.discard(process.pid)

    def kill(self, process: Process) -> None:
        """End *process* and all that it started."""
        _kill_group(process.pid)
        self._groups.discard(process.pid)

    def close(self) -> None:
        """End everything that still runs on the node."""
        for group in self._groups:
            _kill_group(group)
        self._groups.clear()

    def _environment(self, user: str, inward: Inward, extra: Mapping[str, str]) -> dict[str, str]:
        own = {
            "HOME": home_of(user),
            "USER": user,
            "LOGNAME": user,
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",  # noqa: S108 - the node's own; without it mktemp would take the host's
        }
        environment = {name: inward.text(value) for name, value in {**own, **extra}.items()}
        folders = (f"{self._disk.root}/usr/local/sbin", inward.text("/usr/local/bin"), _HOST_PROGRAMS)
        return environment | {"PATH": ":".join(folders)}

    def _tell_time(self) -> None:
        offset = round((self._now() - datetime.now(UTC)).total_seconds())
        if offset != self._offset:
            (self._disk.folder / "offset").write_text(f"{offset}\n")
            self._offset = offset


def home_of(user: str) -> str:
    """A user's home folder on the node."""
    return "/root" if user == ROOT else f"/home/{user}"


@functools.cache
def _without_override() -> tuple[str, ...]:
    """The words before a plain user's command that make a folder of mode 000 closed to root too, where root serves.

    Without setpriv (util-linux) such a folder is still empty, only without a "Permission denied".
    """
    if os.geteuid() != 0 or not (setpriv := shutil.which("setpriv")):
        return ()
    words = (setpriv, "--bounding-set=-all", "--inh-caps=-all")
    tried = subprocess.run([*words, "true"], check=False, capture_output=True)  # noqa: S603 - once, milliseconds
    return words if tried.returncode == 0 else ()


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS, for a group of which only zombies are left
        return False
    return True


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
