"""A command's three streams over one channel, read and written side by side, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

import paramiko

from tasks.ssh.line import Line

CHUNK = 32768  # bytes a read or write asks for: what one SSH packet holds
POLL = 0.1  # seconds between two looks at the streams that no data wakes: standard error, and a full window
MAX_OUTPUT = 4 * 1024 * 1024  # bytes; an ordinary answer has some thousands
MAX_ERRORS = 4096  # bytes kept of standard error; more is read and thrown away
NO_STATUS = -1


class OutputTooLargeError(Exception):
    """The command printed more than `MAX_OUTPUT` bytes."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended: what it printed, and its exit status, or -1 where none came."""

    output: bytes
    errors: bytes
    status: int


def exchange(channel: paramiko.Channel, given: bytes, line: Line) -> Outcome:
    """Feed *given* to the command's standard input and read what it prints, until it ends or *line* does.

    Neither side waits for the other: a command that prints before it has read all, or never reads, still ends.

    A connection that breaks shows as an outcome without status.

    Raises: OutputTooLargeError.
    """
    channel.settimeout(POLL)
    stdin = _Stdin(channel, given)
    output, errors = bytearray(), bytearray()
    while not line.limit_hit:
        stdin.feed()
        _take_errors(channel, errors)
        try:
            data = channel.recv(CHUNK)
        except TimeoutError:
            continue
        if not data:
            break
        output += data
        if len(output) > MAX_OUTPUT:
            raise OutputTooLargeError
    _take_errors(channel, errors)
    channel.status_event.wait(line.seconds_left)
    return Outcome(bytes(output), bytes(errors), channel.exit_status)


class _Stdin:
    """What is still to be written, and the end after it."""

    def __init__(self, channel: paramiko.Channel, given: bytes) -> None:
        self._channel = channel
        self._rest = given
        self._ended = False

    def feed(self) -> None:
        """Write as much as the node's window takes now; a command that has closed its input misses the rest."""
        if self._ended:
            return
        try:
            while self._rest and self._channel.send_ready() and not self._channel.closed:
                self._rest = self._rest[self._channel.send(self._rest[:CHUNK]) :]
        except TimeoutError:
            return
        except OSError:  # the channel was closed in between: its exit status tells the rest
            self._ended = True
            return
        if not self._rest:
            self._channel.shutdown_write()
            self._ended = True


def _take_errors(channel: paramiko.Channel, errors: bytearray) -> None:
    # standard error shares the channel's window: left unread, it would stop standard output too
    while channel.recv_stderr_ready():
        errors += channel.recv_stderr(CHUNK)[: MAX_ERRORS - len(errors)]
