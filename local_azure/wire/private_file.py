"""A file that only its owner can read, from its first byte on."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(file: Path, content: bytes) -> None:
    """Put *content* into *file*, 0600, in the place of what was there.

    It is a new file in any case: whoever holds an old one open, or has laid a link there, sees nothing of it.

    Raises: FileExistsError where somebody makes a file of that name at the same moment.
    """
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
