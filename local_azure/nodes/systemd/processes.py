"""The programs of a node's units: how they are started, what they write, and how all of them are ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import Disk
from local_azure.nodes.leftovers import end_left
from local_azure.nodes.runner import Runner, Running
from local_azure.nodes.systemd.commands import Command
from local_azure.nodes.systemd.journal import Journal
from local_azure.nodes.systemd.settings import ServiceSettings
from local_azure.nodes.views import ROOT, View

INVOCATION = "INVOCATION_ID"
_DRAIN = 1.0  # seconds for what programs have written, once they have ended
_CHUNK = 65536
_LONGEST_LINE = 48 * 1024  # bytes; journald.conf(5), LineMax=
# systemd.exec(5), "Process exit codes"
_NO_FOLDER, _NO_PROGRAM, _NO_USER = 200, 203, 217


@dataclass(frozen=True)
class Exit:
    """How a program ended: its exit status, or the number of the signal that ended it."""

    status: int
    by_signal: bool = False

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than with status 0."""
        return self.by_signal or self.status != 0

    @property
    def result(self) -> str:
        """What systemd calls that end."""
        if not self.failed:
            return "success"
        return "signal" if self.by_signal else "exit-code"


class NotStartedError(Exception):
    """A program that could not even be started; *exit* is how systemd tells it."""

    def __init__(self, exit_: Exit) -> None:
        super().__init__()
        self.exit = exit_


class Program:
    """A program of a unit that was started.

    Attributes:
        running: what the node's runner knows it by.
        reading: done once all that it and those it started write is in the journal.
        pid: its process id.
    """

    def __init__(self, running: Running, reading: asyncio.Future[list[None]]) -> None:
        self.running = running
        self.reading = reading
        self.pid = running.pid

    async def wait(self) -> Exit:
        """Wait for its end."""
        code = await self.running.wait()
        return Exit(abs(code), by_signal=code < 0)

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Processes:
    """Starts the programs of one node's units, and writes down what they say."""

    def __init__(self, disk: Disk, accounts: Accounts, runner: Runner, journal: Journal) -> None:
        self._disk = disk
        self._accounts = accounts
        self._runner = runner
        self._journal = journal
        self._reading: set[asyncio.Future[list[None]]] = set()

    async def start(self, settings: ServiceSettings, command: Command, variables: Mapping[str, str]) -> Program:
        """Start a command of a service. Raises: NotStartedError."""
        if settings.user != ROOT and settings.user not in self._accounts.users:
            raise NotStartedError(Exit(_NO_USER))
        view = View(self._disk, settings.user)
        view.prepare()
        inward, environment = view.inward(), {**settings.environment, **variables}
        if not self._disk.host(settings.folder).is_dir():
            raise NotStartedError(Exit(_NO_FOLDER))
        argv = [inward.text(word) for word in command.argv(environment)]
        try:
            running = await self._runner.start(view, argv, folder=settings.folder, extra=environment)
        except OSError as error:
            self._journal.write(settings.file.name, f"{command.words[0]}: {error.strerror}")
            raise NotStartedError(Exit(_NO_PROGRAM)) from None
        running.stdin.close()
        return Program(running, self._read(settings.file.name, view, running))

    def lives(self, program: Program) -> bool:
        """Whether anything of a program's process group may still be there."""
        return self._runner.knows(program.running)

    async def finish(self, program: Program) -> None:
        """Note that a program has ended; what it left running goes on until `end`."""
        await self._runner.finish(program.running)

    async def end(self, programs: list[Program], invocation: str) -> None:
        """End what is left of these programs and of all that they started, wherever it went."""
        for program in programs:
            await self._runner.end(program.running)
        if programs:
            await asyncio.to_thread(end_left, f"{INVOCATION}={invocation}")
            await asyncio.wait([program.reading for program in programs], timeout=_DRAIN)

    def _read(self, unit: str, view: View, running: Running) -> asyncio.Future[list[None]]:
        streams = (self._carry(unit, view, running.pid, source) for source in (running.stdout, running.stderr))
        reading = asyncio.gather(*streams)
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        return reading

    async def _carry(self, unit: str, view: View, pid: int, source: asyncio.StreamReader) -> None:
        outward, lines = view.outward(), _Lines()
        while data := await source.read(_CHUNK):
            for line in lines.feed(outward.feed(data)):
                self._journal.write(unit, line, pid)
        for line in (*lines.feed(outward.close()), *lines.close()):
            self._journal.write(unit, line, pid)


class _Lines:
    """Whole lines of a stream."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[str]:
        *whole, self._held = (self._held + data).split(b"\n")
        if len(self._held) > _LONGEST_LINE:
            whole, self._held = [*whole, self._held], b""
        return [line.decode(errors="replace") for line in whole]

    def close(self) -> list[str]:
        return [self._held.decode(errors="replace")] if self._held else []
