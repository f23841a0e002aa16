"""How a node's disk looks to a user: to root as it is, to a plain user with what is root's alone closed.

Every file belongs to whoever runs the server, so the host's permissions cannot tell a node's users apart. A plain user
therefore works in a copy of the tree in which files are hard links, and a folder or file that is closed to the user is
an empty one of mode 000. The copy is brought up to date before a command that can reach it; home, mnt and tmp, where
plain users write, are shared and not copied.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local_azure.nodes.disk import CLOSABLE_TOPS, SHARED_TOPS, Disk, remove_tree
from local_azure.nodes.translate import Inward, Outward

ROOT = "root"


class View:
    """What *user* sees of *disk*. `prepare` brings a plain user's copy up to date; nothing else writes to it."""

    def __init__(self, disk: Disk, user: str) -> None:
        self.user = user
        self._disk = disk
        self._folder = disk.root if user == ROOT else disk.folder / "as" / user

    @property
    def root(self) -> str:
        """The host's folder that stands for `/`."""
        return str(self._folder)

    def tops(self) -> dict[str, str]:
        """The node's top folders and where each lies on the host, for this user."""
        shared = {top: f"{self._disk.shared}{top}" for top in SHARED_TOPS}
        return shared | {top: f"{self._folder}{top}" for top in CLOSABLE_TOPS}

    def inward(self) -> Inward:
        """The translation of what goes into this user's commands."""
        return Inward(self.tops())

    def outward(self) -> Outward:
        """The translation of what comes out of them."""
        return Outward({str(self._disk.root), str(self._disk.shared), str(self._folder)})

    def reached_by(self, text: str) -> bool:
        """Whether a translated command text names the copy."""
        return self.user != ROOT and str(self._folder) in text

    def prepare(self) -> None:
        """Make the copy equal to the disk as it is now, less what is closed."""
        if self.user == ROOT:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._copy_folder(self._disk.root, self._folder, "")

    def remove(self) -> None:
        """Remove the copy."""
        if self.user != ROOT and self._folder.exists():
            remove_tree(self._folder)

    def _copy_folder(self, source: Path, copy: Path, path: str) -> None:
        wanted = {entry.name: entry for entry in os.scandir(source) if f"{path}/{entry.name}" not in SHARED_TOPS}
        for stray in {child.name for child in os.scandir(copy)} - wanted.keys():
            remove_tree(copy / stray)
        for name, entry in wanted.items():
            self._copy(entry, copy / name, f"{path}/{name}")
        shutil.copystat(source, copy)

    def _copy(self, source: os.DirEntry[str], copy: Path, path: str) -> None:
        if source.is_symlink():
            self._copy_link(Path(source.path), copy)
        elif self._closed(source, path):
            _put_closed(source, copy)
        elif source.is_dir():
            if not copy.is_dir() or copy.is_symlink() or not copy.stat().st_mode & 0o700:
                remove_tree(copy)
                copy.mkdir()
            self._copy_folder(Path(source.path), copy, path)
        elif not copy.exists() or not copy.samefile(source.path):
            remove_tree(copy)
            copy.hardlink_to(source.path)

    def _copy_link(self, source: Path, copy: Path) -> None:
        target = str(source.readlink())
        if target.startswith(f"{self._disk.root}/"):
            target = f"{self._folder}{target.removeprefix(str(self._disk.root))}"
        if not copy.is_symlink() or str(copy.readlink()) != target:
            remove_tree(copy)
            copy.symlink_to(target)
            changed = source.lstat().st_mtime
            os.utime(copy, (changed, changed), follow_symlinks=False)

    def _closed(self, entry: os.DirEntry[str], path: str) -> bool:
        open_to_all = 0o001 if entry.is_dir() else 0o004
        return not entry.stat().st_mode & open_to_all and self.user not in self._disk.acls.readers(path)


def _put_closed(source: os.DirEntry[str], copy: Path) -> None:
    if copy.is_symlink() or copy.is_dir() != source.is_dir() or (copy.exists() and copy.stat().st_mode & 0o777):
        remove_tree(copy)
    if not copy.exists():
        copy.mkdir() if source.is_dir() else copy.touch()
    if source.is_file():
        copy.chmod(0o600)
        os.truncate(copy, source.stat().st_size)  # as large as the real one, and empty
    copy.chmod(0)
    os.utime(copy, (source.stat().st_atime, source.stat().st_mtime))
