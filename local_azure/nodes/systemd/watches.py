"""What a path unit watches, looked at when something may have changed.

systemd is told by inotify and sees each event; here two looks are compared, so that nothing runs while nothing happens
and a moved clock finds all in order. What was made and removed again between two looks shows by its folder's time.
Source: systemd.path(5); systemd's path.c for which events count and that a link is followed once, when a watch begins.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable
from pathlib import Path

_Traits = tuple[int, int, int, int]
_Seen = tuple[_Traits | None, tuple[tuple[str, _Traits], ...]]


class Watch:
    """Watches *path*, on the host, in the way of *kind*, a setting of path units."""

    def __init__(self, kind: str, path: Path) -> None:
        self._path = path
        self._condition = _CONDITIONS.get(kind)
        self._target = ""
        self._before = False
        self._seen: _Seen = (None, ())

    def begin(self) -> None:
        """Watch from now on: what is there now is what counts as unchanged."""
        self._target = os.path.realpath(self._path)
        self._before = self._path.exists()
        self._seen = _look(self._target)

    def holds(self) -> bool:
        """Whether it is there, for the kinds that ask whether something is there."""
        return self._condition is not None and self._condition(self._path)

    def met(self) -> bool:
        """Whether the unit is to be started: something is there, or has changed since `begin`."""
        if self._condition:
            return self.holds()
        return self._path.exists() != self._before or _look(self._target) != self._seen


def _is_filled(path: Path) -> bool:
    return path.is_dir() and any(path.iterdir())


_CONDITIONS: dict[str, Callable[[Path], bool]] = {
    "PathExists": Path.exists,
    "PathExistsGlob": lambda path: bool(glob.glob(str(path))),  # noqa: PTH207 - the whole path is the pattern
    "DirectoryNotEmpty": _is_filled,
}


def _look(target: str) -> _Seen:
    """What is there, and for a folder the entries in it."""
    try:
        own = os.lstat(target)
        if not stat.S_ISDIR(own.st_mode):
            return _traits(own), ()
        with os.scandir(target) as entries:
            inside = sorted((entry.name, _traits_in_folder(entry.stat(follow_symlinks=False))) for entry in entries)
    except OSError:  # nothing is there, or it goes while it is looked at
        return None, ()
    return _traits(own), tuple(inside)


def _traits(facts: os.stat_result) -> _Traits:
    return facts.st_ino, facts.st_mode, facts.st_size, facts.st_mtime_ns


def _traits_in_folder(facts: os.stat_result) -> _Traits:
    """Of a folder in the folder that is watched: what goes on in it does not count."""
    return (facts.st_ino, facts.st_mode, 0, 0) if stat.S_ISDIR(facts.st_mode) else _traits(facts)
