"""The ready file: how a running embedded Azure is found. It holds secrets, so only its owner can read it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from local_azure.wire.private_file import write_private

_WRITABLE_BY_OTHERS = 0o022


@dataclass(frozen=True)
class Ready:
    """Where the admin port is, the token it asks for, and the environment for clients."""

    pid: int
    admin_url: str
    admin_token: str
    env: dict[str, str]

    def write(self, file: Path) -> None:
        """Write it whole, 0600."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f".{file.name}.{self.pid}")
        write_private(draft, f"{json.dumps(asdict(self), indent=2)}\n".encode())
        draft.replace(file)

    @staticmethod
    def read(file: Path) -> Ready:
        """Read it. Raises: FileNotFoundError where nothing runs; ValueError or TypeError for another file."""
        return Ready(**json.loads(file.read_text(encoding="utf-8")))


def default_file() -> Path:
    """Where `serve` puts it unless told otherwise: in a folder of this user's own, which is made where it is missing.

    Raises: PermissionError where the folder is somebody else's doing. Its name is known to every user of the machine,
    and whoever can write there could offer an Azure of his own, with a CA of his own, to this user's clients.
    """
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(base) / f"local-azure-{os.getuid()}"
    folder.mkdir(exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & _WRITABLE_BY_OTHERS:
        raise PermissionError(f"{folder} is not this user's alone: remove it, or name another place with --ready-file")
    return folder / "ready.json"
