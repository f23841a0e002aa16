"""One run of a service: the programs it has from its start to its end."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from local_azure.nodes.systemd.commands import Command
from local_azure.nodes.systemd.processes import INVOCATION, Exit, NotStartedError, Processes, Program
from local_azure.nodes.systemd.settings import ServiceSettings

_GRACE = 5.0  # real seconds at most between SIGTERM and SIGKILL, whatever the unit allows: somebody waits
_RELOAD_TIME = 90.0  # real seconds for ExecReload=
# systemd.service(5), SuccessExitStatus=: ends that count as clean for a service which runs on
_CLEAN_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE})

Tell = Callable[[str, str], None]


@dataclass
class MainProgram:
    """The program that a service is about. *pid* is 0, and the others None, as long as there is nothing to tell."""

    pid: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    exit: Exit | None = None


class Run:
    """Runs what *settings* ask for, by *now*, the node's clock; *tell* hears of each state that it comes into.

    Attributes:
        invocation: its name, 32 hex digits.
        main: its main program.
        verdict: the result where somebody from outside has decided on it, else "".
        stopped: whether it was asked to end.
        up: set once the service is up, or will not be any more.
        busy_since: when it began to come up, or to end, by the event loop's own time.
    """

    def __init__(
        self, settings: ServiceSettings, processes: Processes, now: Callable[[], datetime], tell: Tell
    ) -> None:
        self.invocation = secrets.token_hex(16)
        self.main = MainProgram()
        self.verdict = ""
        self.stopped = False
        self.up = asyncio.Event()
        self.busy_since = asyncio.get_running_loop().time()
        self._settings = settings
        self._processes = processes
        self._now = now
        self._tell = tell
        self._programs: list[Program] = []
        self._leaving = asyncio.Event()

    async def live(self) -> str:
        """Do all that the service does, and end what it leaves behind. Returns its result."""
        try:
            result = await self._work()
        except OSError:  # the node was wiped under it
            result = "resources"
        finally:
            self._leaving.set()
            await self._processes.end(self._programs, self.invocation)
        return self.verdict or result

    async def reload(self, commands: tuple[Command, ...]) -> bool:
        """Run the commands of ExecReload=. Returns whether all went well."""
        try:
            async with asyncio.timeout(_RELOAD_TIME):
                return await self._all_of(commands) == "success"
        except TimeoutError:
            return False

    def stop(self) -> None:
        """Ask what runs to end, and see to it that it does."""
        self.stopped = True
        self._wind_up("success")

    def give_up(self) -> None:
        """End it, since its start takes too long."""
        self._wind_up("timeout")

    def _wind_up(self, verdict: str) -> None:
        self.verdict = verdict
        self.busy_since = asyncio.get_running_loop().time()
        self._leaving.set()
        self._tell("deactivating", "stop-sigterm")
        self._signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(min(self._settings.stop_timeout, _GRACE), self._lose_patience)

    async def _work(self) -> str:
        if self._settings.before and (result := await self._all_of(self._settings.before)) != "success":
            return result
        if not self._settings.oneshot:
            return await self._run_main(self._settings.start[0])
        for command in self._settings.start:
            result = await self._run_main(command)
            if self.verdict or (result != "success" and not command.may_fail):
                return result
        if self._settings.stays:
            self._be_up("exited")
            await self._leaving.wait()
        return "success"

    async def _run_main(self, command: Command) -> str:
        self._tell("activating", "start")
        began = self._now()
        try:
            program = await self._begin(command)
        except NotStartedError as error:
            self.main = MainProgram(0, began, self._now(), error.exit)
            if not self._settings.oneshot and self._settings.kind != "exec":
                self._be_up("running")  # these kinds are up before their program is looked for
            return error.exit.result
        self.main = MainProgram(program.pid, began)
        if not self._settings.oneshot and not self.verdict:
            self._be_up("running")
        end = await program.wait()
        self.main.ended, self.main.exit = self._now(), end
        clean = not self._settings.oneshot and end.by_signal and end.status in _CLEAN_SIGNALS
        return "success" if clean else end.result

    async def _all_of(self, commands: tuple[Command, ...]) -> str:
        """Run commands one after the other, up to the first that fails and may not. Returns the result."""
        for command in commands:
            try:
                program = await self._begin(command)
                end = await program.wait()
                await self._processes.finish(program)
            except NotStartedError as error:
                end = error.exit
            if end.failed and not command.may_fail:
                return end.result
        return "success"

    async def _begin(self, command: Command) -> Program:
        main = {"MAINPID": str(self.main.pid)} if self.main.pid else {}
        program = await self._processes.start(self._settings, command, {**main, INVOCATION: self.invocation})
        self._programs = [*(one for one in self._programs if self._processes.lives(one)), program]
        if self.verdict:  # from while it was being started
            program.signal(signal.SIGTERM)
        return program

    def _be_up(self, sub: str) -> None:
        self._tell("active", sub)
        self.up.set()

    def _lose_patience(self) -> None:
        if self._signal(signal.SIGKILL):
            self.verdict = "timeout"

    def _signal(self, number: int) -> bool:
        """Send a signal to all that runs. Returns whether anything did."""
        living = [program for program in self._programs if self._processes.lives(program)]
        for program in living:
            program.signal(number)
        return bool(living)
