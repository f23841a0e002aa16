"""Runs programs on a node: the host's own, seeing only the node's folder and a clean environment."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import os
import shutil
import signal
import subprocess
import weakref
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from local_azure.nodes.disk import Disk
from local_azure.nodes.translate import Inward
from local_azure.nodes.views import ROOT, View

HOST_PROGRAMS = "/usr/bin:/bin:/usr/sbin:/sbin"
"""Where a node's commands find the host's programs."""
_STREAM_LIMIT = 2**16  # bytes; asyncio's own


class _Protocol(SubprocessStreamProtocol):
    """Tells when the program itself has ended; asyncio's own `wait` may wait for all who hold its streams, too."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_STREAM_LIMIT, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


class Running:
    """A program that was started, with its three streams."""

    def __init__(self, process: Process, exited: asyncio.Event) -> None:
        self._process = process
        self._exited = exited
        self.pid = process.pid
        self.stdin = cast("asyncio.StreamWriter", process.stdin)  # never None, since all three are piped
        self.stdout = cast("asyncio.StreamReader", process.stdout)
        self.stderr = cast("asyncio.StreamReader", process.stderr)

    @property
    def code(self) -> int | None:
        """Its exit code, negative for the signal that ended it, None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for its end, not for what it started. Returns its exit code."""
        await self._exited.wait()
        return cast("int", self._process.returncode)  # never None once it has ended


class Runner:
    """Starts the programs of one node and knows what still runs.

    Nothing of the server's environment gets in. `date` and the other shims of /usr/local/sbin find the node's time in
    the file `offset` beside its disk: whole seconds ahead of the host's clock, as of the newest command's start.

    Attributes:
        after_each: called whenever a program has ended, which may have changed the disk.
    """

    def __init__(self, disk: Disk, now: Callable[[], datetime]) -> None:
        self.after_each: Callable[[], None] = lambda: None
        self._disk = disk
        self._now = now
        self._offset: int | None = None
        self._groups: dict[int, asyncio.SubprocessTransport] = {}
        self._transports: weakref.WeakSet[asyncio.SubprocessTransport] = weakref.WeakSet()

    async def start(
        self, view: View, argv: Sequence[str], *, folder: str, extra: Mapping[str, str] | None = None
    ) -> Running:
        """Start a program in the node's *folder* as the view's user.

        *argv* holds host paths; *extra* adds to the environment and is translated. Raises: OSError where there is no
        such program.
        """
        self._tell_time()
        inward = view.inward()
        cwd = view.root if folder == "/" else inward.text(folder)
        environment = self._environment(view.user, inward, extra or {})
        _check_program(argv[0], cwd, environment["PATH"])
        loop = asyncio.get_running_loop()
        spawning = asyncio.ensure_future(
            loop.subprocess_exec(
                lambda: _Protocol(loop),
                *([] if view.user == ROOT else _without_override()),
                *argv,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                cwd=cwd,
                env=environment,
                start_new_session=True,
                umask=0o022,
            )
        )
        try:
            transport, protocol = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            spawning.add_done_callback(_end_unwanted)  # a program that nobody waits for must not outlive its start
            raise
        process = Process(transport, protocol, loop)
        self._groups[process.pid] = transport
        self._transports.add(transport)
        return Running(process, protocol.exited)

    async def finish(self, running: Running) -> None:
        """Note that a program has ended; if it has not, end it with all that it started.

        What a program that ended by itself left running in the background goes on until `close`.
        """
        if running.code is None:
            _kill_group(running.pid)
            await running.wait()
        if not _group_lives(running.pid):
            self._groups.pop(running.pid, None)
        self.after_each()

    async def end(self, running: Running) -> None:
        """End a program with all that it started, whether it has ended or not."""
        if self._groups.pop(running.pid, None):
            _kill_group(running.pid)
            await running.wait()
        self.after_each()

    def knows(self, running: Running) -> bool:
        """Whether a program, or what it started, may still run: only then does its process id name its group."""
        return running.pid in self._groups

    def close(self) -> None:
        """End everything that still runs on the node."""
        for group in self._groups:
            _kill_group(group)
        for transport in list(self._transports):  # also of programs that have ended while others hold their streams
            transport.close()
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
        folders = (f"{self._disk.root}/usr/local/sbin", inward.text("/usr/local/bin"), HOST_PROGRAMS)
        return environment | {"PATH": ":".join(folders)}

    def _tell_time(self) -> None:
        offset = round((self._now() - datetime.now(UTC)).total_seconds())
        if offset != self._offset:
            (self._disk.folder / "offset").write_text(f"{offset}\n")
            self._offset = offset


def _check_program(name: str, cwd: str, path: str) -> None:
    """That there is such a program, which the words before a plain user's command would otherwise hide.

    Raises: FileNotFoundError; PermissionError for a file that is none.
    """
    if "/" not in name:
        found = shutil.which(name, path=path)
    else:
        found = name if (whole := Path(cwd, name)).is_file() else None
        if found and not os.access(whole, os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


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


def _end_unwanted(spawning: asyncio.Future[tuple[asyncio.SubprocessTransport, _Protocol]]) -> None:
    """End the program that was being started when its start was cancelled."""
    if spawning.cancelled() or spawning.exception():
        return
    transport, _ = spawning.result()
    pid = transport.get_pid()
    with contextlib.suppress(ProcessLookupError):
        if pid:  # 0 would name our own group
            os.killpg(pid, signal.SIGKILL)
    transport.close()
