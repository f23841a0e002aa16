"""Checks on who can read a current certificate's file: those who must, and nobody else.

The visit tried as the users themselves; where it could not, owner, mode and access list tell (POSIX.1e, access check).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from batchcert.spec import Reader
from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import file_of, matches, store_of
from batchcert.visit.report import AclEntry, Standing, StoreFile
from batchcert.visit.text import one_line

ROOT = "root"
_LONGEST = 400  # characters of a list in a message


def reader_refused(seen: Evidence, _now: datetime) -> Finding | None:
    """Somebody who was asked for cannot read the key."""
    file, store = file_of(seen), store_of(seen)
    if file is None or store is None or not matches(seen):
        return None
    standings, tried = dict(store.readers), dict(file.reads)
    for reader in seen.expected.readers:
        if standings.get(reader.user) is Standing.UNKNOWN:
            return Defect.READER_UNKNOWN.finding(f"the node has no user {reader.user}, who is to read {file.path}")
        if not tried.get(reader.user, may_read(file, reader)):
            how = "tried to read" if reader.user in tried else "may not read"
            kept_out = "and did not get to it" if reader.user in tried else "by its owner, mode and access list"
            return Defect.READER_REFUSED.finding(f"user {reader.user} {how} {file.path} {kept_out}: {shown(file)}")
    return None


def open_to_others(seen: Evidence, _now: datetime) -> Finding | None:
    """Somebody who was not asked for can read the key, or would once a folder above it is opened."""
    file = file_of(seen)
    if file is None or not matches(seen):
        return None
    others = list(dict.fromkeys(_others(file, seen.expected.readers)))
    if not others:
        return None
    return Defect.KEY_OPEN.finding(f"{file.path} is open to {one_line(', '.join(others), _LONGEST)}: {shown(file)}")


def may_read(file: StoreFile, reader: Reader) -> bool:
    """Whether owner, mode and access list let *reader* read *file*; True where they do not tell."""
    if not file.mode or None in file.acl:
        return True
    groups = {reader.user, reader.group} - {""}  # a user's own group has the user's name
    if file.owner == reader.user:
        return _bit(file, 0o400)
    named = [entry for entry in file.acl if entry and (entry.kind, entry.name) == ("user", reader.user)]
    if named:
        return any(_reads(entry, file) for entry in named)
    if not file.acl and file.group in groups:
        return _bit(file, 0o040)
    by_group = [entry for entry in file.acl if entry and entry.kind == "group" and _group(entry, file) in groups]
    return any(_reads(entry, file) for entry in by_group) if by_group else _bit(file, 0o004)


def shown(file: StoreFile) -> str:
    """Owner, mode and access list, as a person reads them."""
    entries = ["?" if entry is None else f"{entry.kind}:{entry.name}:{entry.permissions}" for entry in file.acl]
    acl = f", access list {' '.join(entries)}" if entries else ""
    return one_line(f"owner {file.owner or '?'}, group {file.group or '?'}, mode {file.mode or '?'}{acl}", _LONGEST)


def _others(file: StoreFile, readers: tuple[Reader, ...]) -> Iterator[str]:
    users = {ROOT, *(reader.user for reader in readers)}
    groups = users | {reader.group for reader in readers}
    yield from (f"user {user}" for user, able in file.reads if able and user not in users)
    if file.owner and file.owner not in users:
        yield f"its owner {file.owner}"
    if file.mode and _bit(file, 0o006):
        yield "all users"
    if file.mode and not file.acl and _bit(file, 0o060) and file.group not in groups:
        yield f"group {file.group}"
    for entry in file.acl:
        if entry and entry.name and entry.name not in (users if entry.kind == "user" else groups) and _in(entry, file):
            yield f"{entry.kind} {entry.name}"


def _in(entry: AclEntry, file: StoreFile) -> bool:
    return entry.kind in {"user", "group"} and _reads(entry, file)


def _reads(entry: AclEntry, file: StoreFile) -> bool:
    """Whether *entry*, under the list's mask, lets its user or group read."""
    masks = [other.permissions for other in file.acl if other and other.kind == "mask"]
    return "r" in entry.permissions and all("r" in mask for mask in masks)


def _group(entry: AclEntry, file: StoreFile) -> str:
    return entry.name or file.group


def _bit(file: StoreFile, bits: int) -> bool:
    return bool(int(file.mode, 8) & bits)
