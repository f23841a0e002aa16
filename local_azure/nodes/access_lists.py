"""Who may read a file of a node beyond its mode: POSIX access lists, kept apart, as the host has no such users."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class AccessLists:
    """The access lists of one node's files, in the file `acls` that the `ls`, `stat` and `getfacl` shims read too.

    A line is a node's path, a tab, and entries as getfacl prints them, "user:app1:r--", with spaces between.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "acls"

    def add(self, path: str, entries: Iterable[str]) -> None:
        """Add entries to the access list of *path*; one that it has already stays."""
        lists = self._read()
        lists[path] = " ".join(dict.fromkeys((*lists.get(path, "").split(), *entries)))
        self._file.write_text("".join(f"{name}\t{words}\n" for name, words in lists.items()))

    def readers(self, path: str) -> frozenset[str]:
        """The users whom the access list of *path* names."""
        words = self._read().get(path, "").split()
        return frozenset(word.split(":")[1] for word in words if word.startswith("user:"))

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        return dict(line.split("\t", 1) for line in self._file.read_text().splitlines())
