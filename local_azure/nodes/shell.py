"""One session on a node: a command, or a shell, over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

import asyncssh

from local_azure.nodes.disk import Disk
from local_azure.nodes.runner import Runner, Running, home_of
from local_azure.nodes.scripts import whose_script
from local_azure.nodes.views import View

_CHUNK = 32768
_NO_SHELL = 1  # the exit status where not even a shell could be started
ENCODING = "latin-1"  # a character for each byte: asyncssh's line editor wants text, and nothing may be lost


class Session:
    """Runs what one SSH session asks for, by the host's `sh`, and carries its streams.

    *may_send* is asked how many of so many bytes may go out; fewer means that the connection breaks there.
    """

    def __init__(
        self,
        ssh: asyncssh.SSHServerProcess[str],
        *,
        disk: Disk,
        runner: Runner,
        may_send: Callable[[int], int],
    ) -> None:
        self._ssh = ssh
        self._disk = disk
        self._runner = runner
        self._may_send = may_send
        self._user = str(ssh.get_extra_info("username"))

    async def run(self) -> None:
        """Run to the end of the command or of the connection, whichever comes first."""
        try:
            running = await self._start()
        except OSError:  # no home folder any more: the user was removed meanwhile
            self._ssh.exit(_NO_SHELL)
            return
        exchange = asyncio.create_task(self._exchange(running))
        gone = asyncio.create_task(self._ssh.wait_closed())
        try:
            await asyncio.wait({exchange, gone}, return_when=asyncio.FIRST_COMPLETED)
            if exchange.done():
                self._tell_exit(await exchange)
        finally:
            exchange.cancel()
            gone.cancel()
            await self._runner.finish(running)

    async def _start(self) -> Running:
        view, text = View(self._disk, self._user), self._ssh.command
        self._reader = whose_script(text, self._user)
        if text is None:
            view.prepare()
            interactive = ("-i", "+m") if self._ssh.term_type else ("-s",)
            return await self._runner.start(
                view, ["/bin/sh", *interactive], folder=home_of(self._user), extra={"PS1": f"{self._user}$ "}
            )
        translated = view.inward().text(text)
        if view.reached_by(translated) or self._reader == self._user:
            view.prepare()
        return await self._runner.start(view, ["/bin/sh", "-c", translated], folder=home_of(self._user))

    async def _exchange(self, running: Running) -> int:
        feeding = asyncio.create_task(self._feed(running))
        try:
            errors = self._ssh.stdout if self._ssh.term_type else self._ssh.stderr  # a terminal has but one screen
            await asyncio.gather(self._carry(running.stdout, self._ssh.stdout), self._carry(running.stderr, errors))
            return await running.wait()
        finally:
            feeding.cancel()

    async def _feed(self, running: Running) -> None:
        """Carry the client's input to the process; a script is translated on the way."""
        script = View(self._disk, self._reader).inward() if self._reader else None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while (data := await self._read(running)) is not None:
                running.stdin.write(script.feed(data) if script else data)
                await running.stdin.drain()
            if script:
                running.stdin.write(script.close())
        running.stdin.close()

    async def _read(self, running: Running) -> bytes | None:
        """The next input, empty for what is none, or None at its end. A signal is passed on."""
        try:
            return (await self._ssh.stdin.read(_CHUNK)).encode(ENCODING) or None
        except asyncssh.TerminalSizeChanged:
            return b""
        except asyncssh.BreakReceived:
            number: int = signal.SIGINT
        except asyncssh.SignalReceived as received:
            number = getattr(signal, f"SIG{received.signal}", signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, number)
        return b""

    async def _carry(self, source: asyncio.StreamReader, target: asyncssh.SSHWriter[str]) -> None:
        outward = View(self._disk, self._user).outward()
        with contextlib.suppress(BrokenPipeError, asyncssh.ConnectionLost):
            while data := await source.read(_CHUNK):
                await self._send(outward.feed(data), target)
            await self._send(outward.close(), target)

    async def _send(self, data: bytes, target: asyncssh.SSHWriter[str]) -> None:
        allowed = self._may_send(len(data))
        target.write(data[:allowed].decode(ENCODING))
        await target.drain()
        if allowed < len(data):
            self._ssh.get_extra_info("connection").abort()

    def _tell_exit(self, code: int) -> None:
        if code >= 0:
            self._ssh.exit(code)
        else:
            self._ssh.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
