"""The ready file: how a running embedded Azure is found. It holds secrets, so only its owner can read it."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path


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
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(file)

    @staticmethod
    def read(file: Path) -> Ready:
        """Read it. Raises: FileNotFoundError where nothing runs; ValueError or TypeError for another file."""
        return Ready(**json.loads(file.read_text(encoding="utf-8")))


def default_file() -> Path:
    """Where `serve` puts it unless told otherwise: a folder of this user's own."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(base) / f"local-azure-{os.getuid()}" / "ready.json"
