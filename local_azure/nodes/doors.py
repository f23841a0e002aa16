"""What stands at a node's SSH port: a door that is open, one that is closed, or one where nobody greets for a while."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from datetime import timedelta
from typing import Protocol

import asyncssh

ADDRESS = "127.0.0.1"
_WAITING = 128  # connections that the host holds until they are accepted


class Door(Protocol):
    """Holds a port of this host."""

    async def close(self) -> None:
        """Let the port go; connections that came through stay."""


class OpenDoor:
    """Lets everybody in to the SSH server that *options* describe."""

    def __init__(self, acceptor: asyncssh.SSHAcceptor) -> None:
        self._acceptor = acceptor

    @staticmethod
    async def at(place: socket.socket, options: asyncssh.SSHServerConnectionOptions) -> OpenDoor:
        """Open one at a bound socket."""
        return OpenDoor(await asyncssh.listen(sock=place, options=options, backlog=_WAITING))

    async def close(self) -> None:
        """Let the port go."""
        self._acceptor.close()  # from Python 3.12 on, to wait for it is to wait for every connection as well


class ClosedDoor:
    """Refuses every connection. The port stays taken, so that nobody else answers there."""

    def __init__(self, place: socket.socket) -> None:
        self._place = place

    async def close(self) -> None:
        """Let the port go."""
        self._place.close()


class SlowDoor:
    """Accepts at once, and lets *wait* of real time pass before the SSH server says anything."""

    def __init__(self, place: socket.socket, options: asyncssh.SSHServerConnectionOptions, wait: timedelta) -> None:
        place.listen(_WAITING)
        place.setblocking(False)
        self._place = place
        self._options = options
        self._seconds = wait.total_seconds()
        self._waiting: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept())

    async def close(self) -> None:
        """Let the port go; who still waits is turned away."""
        for task in (self._accepting, *self._waiting):
            task.cancel()
        await asyncio.gather(self._accepting, *self._waiting, return_exceptions=True)
        self._place.close()

    async def _accept(self) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._place)
            task = asyncio.create_task(self._greet(connection))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _greet(self, connection: socket.socket) -> None:
        with contextlib.closing(connection):
            await asyncio.sleep(self._seconds)
            with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
                await asyncssh.run_server(connection.dup(), options=self._options)


def bound(port: int) -> socket.socket:
    """A socket bound to *port* of loopback, or to a free one where somebody else has that."""
    for wanted in (port, 0):
        place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((ADDRESS, wanted))
        except OSError:
            place.close()
            continue
        return place
    raise OSError("no port of loopback is free")
