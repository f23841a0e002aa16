"""The folder of one demonstration: two that run side by side each have their own."""

from __future__ import annotations

import fcntl
import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Room:
    """A folder that is ours alone while the demonstration runs. Its logs stay until the next one.

    Attributes:
        folder: `.demo/1`, say.
        logs: what each process wrote.
        prefect: Prefect's home: its database and settings.
        ready_file: where the embedded Azure says how to reach it; holds its secrets, removed at the end.
    """

    folder: Path

    @property
    def logs(self) -> Path:
        """What each process wrote."""
        return self.folder / "logs"

    @property
    def prefect(self) -> Path:
        """Prefect's home: its database and its settings."""
        return self.folder / "prefect"

    @property
    def ready_file(self) -> Path:
        """Where the embedded Azure says how to reach it."""
        return self.folder / "azure.json"


@contextmanager
def claim_room(parent: Path) -> Iterator[Room]:
    """The first free room under *parent*, emptied; free again afterwards, its secrets removed."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        with (parent / f"{number}.lock").open("a") as lock:
            if not _is_free(lock.fileno()):
                continue
            room = Room(parent / str(number))
            _make_anew(room)
            try:
                yield room
            finally:
                room.ready_file.unlink(missing_ok=True)
            return


def _is_free(file_descriptor: int) -> bool:
    try:
        fcntl.flock(file_descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _make_anew(room: Room) -> None:
    shutil.rmtree(room.folder, ignore_errors=True)
    room.folder.mkdir(mode=0o700)
    room.logs.mkdir()
    room.prefect.mkdir()
