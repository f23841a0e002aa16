"""A node's file system: a folder of the host, laid out as the disk of a real node.

Paths are text in here: a thousand nodes make forty folders and twenty files each, and pathlib costs more than these.
"""

from __future__ import annotations

import os
import posixpath
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from local_azure.nodes.access_lists import AccessLists

BATCH_ROOT = "/mnt/batch/tasks"
AGENT_HOME = "/var/lib/waagent"

# Folders of every node and their modes. The guest agent's is 0700: so WALinuxAgent makes it (daemon/main.py,
# initialize_environment), and so does cloud-init before it (DataSourceAzure, write_files).
_FOLDERS: tuple[tuple[str, int], ...] = (
    ("/etc/ssh", 0o755),
    ("/etc/systemd/system", 0o755),
    ("/home", 0o755),
    (f"{BATCH_ROOT}/applications", 0o755),
    (f"{BATCH_ROOT}/fsmounts", 0o755),
    (f"{BATCH_ROOT}/shared", 0o755),
    (f"{BATCH_ROOT}/startup/wd", 0o755),
    (f"{BATCH_ROOT}/volatile", 0o755),
    (f"{BATCH_ROOT}/workitems", 0o755),
    ("/opt", 0o755),
    ("/root", 0o700),
    ("/run/systemd/system", 0o755),  # how scripts tell that systemd runs: sd_booted(3)
    ("/srv", 0o755),
    ("/tmp", 0o777),  # noqa: S108 - the node's own
    ("/usr/local/bin", 0o755),
    (AGENT_HOME, 0o700),
    ("/var/log/azure", 0o755),
    ("/var/tmp", 0o777),  # noqa: S108 - the node's own
)

SHARED_TOPS = ("/home", "/mnt", "/tmp")  # noqa: S108 - where plain users write: the same place in every view
CLOSABLE_TOPS = ("/etc", "/opt", "/root", "/run", "/srv", "/usr/local", "/var")


def _with_parents() -> Iterator[tuple[str, int]]:
    """Every folder of `_FOLDERS` and its mode, each behind those above it."""
    parents = {str(parent): 0o755 for path, _ in _FOLDERS for parent in PurePosixPath(path).parents[:-1]}
    yield from sorted((parents | dict(_FOLDERS)).items())


_TREE = tuple(_with_parents())


class Disk:
    """The folder *folder* of the host, with `root/` standing for the node's `/`.

    All paths taken here are the node's; whatever they hold, they stay below the root. What the node's own programs
    write gets the time of *now*, the node's clock.

    Attributes:
        folder: everything of this node; beside `root/` lie `shared/` (home, mnt and tmp, which links in `root/` lead
            to, so that `..` from there leads nowhere) and small files for the shims.
        root: what stands for `/`.
        acls: who may read a file beyond its mode.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder = folder
        self.root = folder / "root"
        self._root_text = str(self.root)
        self.shared = folder / "shared"
        self.acls = AccessLists(folder)
        self._now = now

    def lay_out(self, shims: Path) -> bool:
        """Make the folders of a real node; *shims* becomes /usr/local/sbin. Returns False where all was there."""
        if self.root.exists():
            return False
        for top in SHARED_TOPS:
            (self.shared / top[1:]).mkdir(parents=True)
        self.root.mkdir()
        for top in SHARED_TOPS:
            os.symlink(os.path.join(os.pardir, self.shared.name, top[1:]), self._at(top))
        for path, _ in _TREE:
            if path not in SHARED_TOPS:
                os.mkdir(self._at(path))
        os.symlink(shims, self._at("/usr/local/sbin"))
        for path, mode in _TREE:
            os.chmod(self._at(path), mode)
        self._stamp(*(self._at(path) for path, _ in _TREE))
        return True

    def clear_run(self) -> None:
        """Empty /run, as a boot does, and lay it out anew."""
        self.remove("/run")
        for path, mode in _TREE:
            if path == "/run" or path.startswith("/run/"):
                self.mkdir(path, mode)

    def host(self, path: str) -> Path:
        """Where the node's *path* lies on the host."""
        return Path(self._at(path))

    def mkdir(self, path: str, mode: int = 0o755) -> None:
        """Make a folder and those above it; an existing one gets *mode* too.

        Raises: FileNotFoundError where the disk was wiped, so that a poll under way does not bring it back.
        """
        folder = self._at(path)
        if not os.path.isdir(folder):
            above = posixpath.dirname(posixpath.normpath(f"/{path}"))
            if above != "/" and not os.path.isdir(self._at(above)):
                self.mkdir(above)
            os.mkdir(folder)
            self._stamp(folder, posixpath.dirname(folder))
        os.chmod(folder, mode)

    def write(self, path: str, data: bytes | str, mode: int = 0o644) -> None:
        """Write a file whole: who reads it sees the old content or the new, never half of it."""
        target = self._at(path)
        draft = _draft_of(target)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(data.encode() if isinstance(data, str) else data)
            os.fchmod(descriptor, mode)
        seconds = self._now().timestamp()
        _touch(seconds, draft)
        os.replace(draft, target)
        _touch(seconds, posixpath.dirname(target))

    def append(self, path: str, line: str) -> None:
        """Add a line to a log."""
        target = self._at(path)
        with open(target, "a") as file:
            file.write(f"{line}\n")
        self._stamp(target)

    def link(self, path: str, target: str) -> None:
        """Let *path* be a symbolic link to *target*, swung over in one step."""
        link = self._at(path)
        draft = _draft_of(link)
        os.symlink(self._at(target), draft)
        seconds = self._now().timestamp()
        os.utime(draft, (seconds, seconds), follow_symlinks=False)
        os.replace(draft, link)
        _touch(seconds, posixpath.dirname(link))

    def stamp(self, path: str) -> None:
        """Give a file the node's time as its time of change."""
        self._stamp(self._at(path))

    def remove(self, path: str) -> None:
        """Remove a file, or a folder and all in it; one that is not there is no error."""
        remove_tree(self.host(path))

    def wipe(self) -> None:
        """Remove everything of this node."""
        remove_tree(self.folder)

    def _at(self, path: str) -> str:
        return f"{self._root_text}/{posixpath.normpath(f'/{path}').lstrip('/')}"

    def _stamp(self, *paths: str) -> None:
        _touch(self._now().timestamp(), *paths)


def _touch(seconds: float, *paths: str) -> None:
    """Let each path have been changed at this Unix time."""
    for path in paths:
        os.utime(path, (seconds, seconds))


def remove_tree(path: Path) -> None:
    """Remove a file or a folder with all in it, also folders that not even their owner may look into."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    path.chmod(0o700)
    for folder, below, _ in os.walk(path):
        for name in below:
            if not (child := Path(folder, name)).is_symlink():
                child.chmod(0o700)
    shutil.rmtree(path)


def _draft_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.{secrets.token_hex(4)}"
