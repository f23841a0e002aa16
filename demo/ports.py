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
    for port in range(first, first + MOST_STEPS):
        with _lock_file(port).open("a") as lock:
            if _lock(lock.fileno()) and can_listen(port):
                yield port
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


def _lock(file_descriptor: int) -> bool:
    try:
        fcntl.flock(file_descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
