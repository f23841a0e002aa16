"""Files as the command reads and writes them."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from batchcert.problems import Problem

STDIN = "-"


def read_text(name: str, longest: int) -> str:
    """The text of the file *name*, or of standard input for "-", in whichever Unicode encoding it has.

    Raises: Problem `file-unreadable`, `document-too-large` above *longest* bytes.
    """
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read(longest + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(longest + 1)
    except OSError as error:
        raise _unusable(name, error) from None
    if len(data) > longest:
        raise Problem(
            "document-too-large", what=f"{name}: more than {longest} bytes", cure="give the request body alone"
        )
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        what = f"{name}: byte {error.start} is not {error.encoding.upper()}"
        raise Problem("file-unreadable", what=what, cure="save the file as UTF-8") from None


def write_atomically(path: Path, text: str) -> None:
    """Write *text* to *path* whole or not at all; an interruption leaves what was there.

    Raises: Problem `file-unwritable`.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Problem("file-unwritable", what=f"{path}: {error.strerror}", cure="give another file") from None


def _unusable(name: str, error: OSError) -> Problem:
    return Problem("file-unreadable", what=f"{name}: {error.strerror}", cure="give a file that exists, or - for stdin")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
