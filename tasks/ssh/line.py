"""The TCP connection under SSH: it has a deadline, a budget of bytes and a brake.

paramiko reads and writes a socket in loops that end only with the connection. So the limits that hold whatever
a node does (a byte now and then, bytes without end, never reading what it is sent) are kept here, under it.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import Enum
from threading import Event

from batchcert.problems import Problem
from tasks.ssh import faults
from tasks.ssh.brake import Brake
from tasks.ssh.values import Host

CHUNK = 65536  # most bytes a read asks for: a packet may claim to be 4 GiB long
GREETING = 80  # first bytes kept, for the message about a node that does not speak SSH
CONNECT_POLL = 0.1  # seconds between two looks at deadline and brake while connecting


class Limit(Enum):
    """Which of the connection's limits was hit."""

    STOPPED = "the run was stopped"
    OVERFLOW = "the node sent more than it may"
    OVERDUE = "the node took longer than it may"


class LineCutError(EOFError):
    """A limit was hit. An EOFError, since that is what paramiko takes for the end of a connection."""


class Line(socket.socket):
    """A TCP socket that ends itself at its limits.

    Attributes:
        greeting: the first bytes received, up to 80.
        hung_up: whether the node ended the connection.
    """

    def __init__(self, family: int, brake: Brake) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self._brake = brake
        self._deadline = float("inf")
        self._budget = 0
        self.greeting = b""
        self.hung_up = False

    def allow(self, seconds: float, received: int) -> None:
        """From now on, give the node so many seconds and take so many bytes from it."""
        self._deadline = time.monotonic() + seconds
        self._budget = received

    @property
    def seconds_left(self) -> float:
        """Seconds to the deadline, 0 where it has passed."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def limit_hit(self) -> Limit | None:
        """The limit that ended the connection, or is about to."""
        if self._brake.pulled:
            return Limit.STOPPED
        if self._budget < 0:
            return Limit.OVERFLOW
        return Limit.OVERDUE if time.monotonic() >= self._deadline else None

    def reach(self, address: tuple[object, ...]) -> None:
        """Connect.

        Raises: OSError where the node cannot be reached; LineCutError at a limit.
        """
        self._check()
        self.setblocking(False)
        code = self.connect_ex(address)
        if code == errno.EINPROGRESS:
            poll = select.poll()
            poll.register(self, select.POLLOUT)
            while not poll.poll(CONNECT_POLL * 1000):
                self._check()
            code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        # each message of SSH's waits for the answer to the one before: Nagle's algorithm would hold it back
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Read, within the limits."""
        self._check()
        try:
            data = super().recv(min(size, CHUNK), flags)
        except ConnectionError:
            self.hung_up = True
            raise
        self.hung_up = not data
        self._budget -= len(data)
        self.greeting += data[: GREETING - len(self.greeting)] if len(self.greeting) < GREETING else b""
        return data

    def send(self, data: object, flags: int = 0, /) -> int:
        """Write, within the limits."""
        self._check()
        return super().send(data, flags)  # type: ignore[arg-type]

    def hang_up(self) -> None:
        """End the connection at once, from any thread: whoever reads it sees its end.

        Not closed here: while a thread waits for it, its number could go to another connection.
        """
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def wait_for(self, event: Event) -> None:
        """Wait until *event* is set or a limit is hit."""
        while not event.is_set() and not self.limit_hit:
            event.wait(self.seconds_left)

    def _check(self) -> None:
        limit = self.limit_hit
        if limit:
            raise LineCutError(limit.value)


@contextmanager
def dial(host: Host, seconds: float, brake: Brake) -> Iterator[Line]:
    """A connection to the node, made within *seconds* and closed at the end.

    Raises: Problem `ssh-connect-failed`, or `visit-stopped` where the brake was pulled.
    """
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host.address, host.port, type=socket.SOCK_STREAM)
            family, _, _, _, address = found[0]  # Batch gives an IP address, so there is one
            line = stack.enter_context(Line(family, brake))
            stack.enter_context(brake.holding(line))
            line.allow(seconds, 0)
            line.reach(address)
        except LineCutError:
            raise faults.stopped(host) if brake.pulled else _no_answer(host, seconds) from None
        except OSError as error:
            raise faults.connect_failed(host, error.strerror or str(error)) from None
        yield line


def _no_answer(host: Host, seconds: float) -> Problem:
    return faults.connect_failed(host, f"no answer in {seconds:g} s")
