"""A free port on loopback, stepping around those taken."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.failure import DemoFailedError

MOST_STEPS = 100


@contextmanager
def free_port(first: int) -> Iterator[int]:
    """The first port from *first* on that nothing listens on, and that no other demonstration is about to take.

    A server takes many seconds from its start to its listening; a lock file per port, held as long as the
    context, keeps two demonstrations of one user from choosing the same one meanwhile.
    """
    for port in filter(can_listen, range(first, first + MOST_STEPS)):
        path = _lock_file(port)
        with path.open("a") as lock:
            if _lock(lock.fileno(), path):
                try:
                    yield port
                finally:
                    path.unlink(missing_ok=True)
                return
    raise DemoFailedError(f"no port from {first} to {first + MOST_STEPS - 1} is free")


def can_listen(port: int) -> bool:
    """Whether a server could listen on *port* of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: closing connections do not count
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True


def _lock_file(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"batchcert-demo-{os.getuid()}-{port}.lock"


def _lock(file_descriptor: int, path: Path) -> bool:
    """Whether the lock is ours, and the file still the one at *path*: its last holder removes it."""
    try:
        fcntl.flock(file_descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(file_descriptor).st_ino == path.stat().st_ino
    except OSError:
        return False
