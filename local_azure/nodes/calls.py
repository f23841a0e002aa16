"""How a command on a node reaches the server that the node is part of: over a named pipe, from a few lines of sh.

A shim that needs an answer writes its words into a file of its node's folder, makes a named pipe beside it, and names
the pipe in one line to the pipe that all nodes share. The answer comes over its own: lines for standard output with an
"o" in front, lines for standard error with an "e", and last "x" with the exit code. A program that speaks D-Bus, or a
socket, would cost more than what is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

_CHUNK = 65536
_BROKEN = 1  # the exit code of a call that nobody could answer
_LONGEST = 48 * 1024  # bytes of an answer: what a pipe holds, less some room

_log = logging.getLogger(__name__)

Serve = Callable[[Path, str, Sequence[str]], Awaitable[tuple[int, Sequence[str], Sequence[str]]]]


class Calls:
    """Answers calls at the pipe *door*.

    *serve* gets the node's folder, the user and the words, and gives an exit code and lines for both outputs.
    """

    def __init__(self, door: Path, serve: Serve) -> None:
        self._door = door
        self._serve = serve
        self._descriptor = -1
        self._held = b""
        self._answering: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Take calls from now on; once is enough."""
        if self._descriptor >= 0:
            return
        self._door.unlink(missing_ok=True)
        os.mkfifo(self._door, 0o600)
        # For writing, too: there is never an end of the input then, whoever comes and goes.
        self._descriptor = os.open(self._door, os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._descriptor, self._take)

    async def close(self) -> None:
        """Take no more calls; those that wait get no answer."""
        if self._descriptor < 0:
            return
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
        self._door.unlink(missing_ok=True)
        for task in list(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _take(self) -> None:
        *lines, self._held = (self._held + os.read(self._descriptor, _CHUNK)).split(b"\n")
        for line in lines:
            task = asyncio.create_task(self._answer(Path(os.fsdecode(line))))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, pipe: Path) -> None:
        with contextlib.suppress(OSError):  # who called is gone, or its node
            words = _taken(Path(f"{pipe}.words"))
            descriptor = _opened(pipe)
            try:
                os.write(descriptor, await self._message(pipe.parent, words))
            finally:
                os.close(descriptor)

    async def _message(self, folder: Path, words: list[str]) -> bytes:
        try:
            return _message(*await self._serve(folder, words[0], words[1:]))
        except Exception:  # noqa: BLE001 - whatever it is, the caller waits for an end
            _log.exception("a call from %s failed", folder)
            return _message(_BROKEN, [], ["Failed to connect to bus: Connection reset by peer"])


def _taken(file: Path) -> list[str]:
    words = file.read_text(errors="surrogateescape").splitlines()
    file.unlink()
    return words


def _opened(pipe: Path) -> int:
    """The pipe, open for writing, and gone from its folder. Raises: OSError where nobody reads it any more."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    finally:
        pipe.unlink()


def _message(code: int, out: Sequence[str], err: Sequence[str]) -> bytes:
    lines = (*(f"o{line}" for line in out), *(f"e{line}" for line in err))
    text = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
    return text[:_LONGEST].rpartition(b"\n")[0] + b"\n" * bool(text) + f"x{code}\n".encode()
