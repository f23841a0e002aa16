"""Secrets that somebody left behind: in files, in databases, and in what is encoded in either."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

SHAPES: Mapping[str, re.Pattern[bytes]] = {
    "private key": re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"),
    # the beginning of OpenSSH's own form, which needs no markers around it (OpenSSH, PROTOCOL.key)
    "SSH private key": re.compile(rb"openssh-key-v1\x00"),
    # header, payload and signature; the first two are JSON objects (RFC 7519, section 3)
    "token": re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "bearer token": re.compile(rb"\bbearer\s+[\w.~+/=-]{20,}", re.IGNORECASE),
    "password": re.compile(
        rb"""["'](?:password|client_secret|pwd)\\?["']\s*:\s*\\?["'](?!\*)[^"'\\]{6,}"""
        rb"""|\b(?:password|client_secret|pwd)=(?!\*)[^\s&;]{6,}""",
        re.IGNORECASE,
    ),
    "password in a URL": re.compile(rb"""\w://[^/\s:@"']+:[^/\s:@"']+@"""),
}
Known = Mapping[str, Sequence[bytes]]
"""Secrets by what they are, in each form in which they may be written down."""

# One word; or lines of one length, as Python's encodebytes and PEM write them, also inside of JSON.
_ENCODED = re.compile(rb"(?:[A-Za-z0-9+/]{64,76}(?:\r?\n|\\n))+[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9+/_-]{24,}={0,2}")
_LINE_ENDS = re.compile(rb"\s|\\n")
_DEEPEST = 3  # what a pickle holds, in JSON, in a database
_SQLITE = b"SQLite format 3\x00"
# Prefect's descriptions of its own blocks, which no run writes: they show how a password is given.
_EXAMPLES = (":block_schema.", ":block_type.")


@dataclass(frozen=True)
class Trace:
    """A secret and where it lies; what it is, but never the secret itself. *digest* tells one from another."""

    what: str
    where: str
    digest: str = field(default="", compare=False)


def traces(folder: Path, known: Known) -> set[Trace]:
    """What can be found below *folder*: anything of the shape of a secret, and the *known* ones themselves."""
    found = [
        Trace(what, where, hashlib.sha256(secret).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for where, content in _contents(path, path.relative_to(folder).as_posix())
        for layer in _layers(content, _DEEPEST)
        for what, secret in _secrets(layer, known)
    ]
    examples = {trace.digest for trace in found if any(table in trace.where for table in _EXAMPLES)}
    return {trace for trace in found if trace.digest not in examples}


def _contents(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The file as it is and, of a database, each cell: its pages may break off in mid-cell."""
    content = path.read_bytes()
    yield name, content
    if content.startswith(_SQLITE):
        yield from _cells(path, name)


def _cells(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        database.text_factory = bytes
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        for table in [row[0].decode() for row in tables.fetchall()]:
            cursor = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, bytes):
                        yield f"{name}:{table}.{column}", value


def _secrets(content: bytes, known: Known) -> Iterator[tuple[str, bytes]]:
    for what, shape in SHAPES.items():
        yield from ((what, match[0]) for match in shape.finditer(content))
    for what, forms in known.items():
        yield from ((what, form) for form in forms if form in content)


def _layers(content: bytes, depth: int) -> Iterator[bytes]:
    """The content, and whatever is in it in Base64, to some depth."""
    yield content
    if depth == 0:
        return
    for match in _ENCODED.finditer(content):
        if decoded := _decoded(match[0]):
            yield from _layers(decoded, depth - 1)


def _decoded(text: bytes) -> bytes:
    plain = _LINE_ENDS.sub(b"", text).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""
