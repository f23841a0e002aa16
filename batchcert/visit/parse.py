"""The answer of script.sh, read: whatever a node sends becomes a `NodeReport` or a `Problem`, nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from batchcert.problems import Problem
from batchcert.visit.certificate import misplaced_in, read_certificate
from batchcert.visit.faults import Fault
from batchcert.visit.lines import BASE64, NOTHING, Lines, between_marks
from batchcert.visit.parse_services import hooks_found, services_served
from batchcert.visit.report import (
    AclEntry,
    Certificate,
    Handler,
    KeyFit,
    NodeReport,
    Standing,
    Status,
    Store,
    StoreFile,
)
from batchcert.visit.status import MAX_STATUS_BYTES, parse_status

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""What is read of an answer: some hundred certificate files with their chains fit in."""

MAX_HANDLERS = 32  # these are also in the script
MAX_LINKS_AND_FILES = 256 + 32
MAX_CERTIFICATES = 8
MAX_STORES = 256
MAX_USERS = 16
MAX_READERS = 64
MAX_ACL = 32

_SECONDS = re.compile(r"(\d{1,11})", re.ASCII)
_HANDLER = re.compile(r"([\d.]{1,64}) (\?|[A-Za-z]{1,64})", re.ASCII)
_STATUS = re.compile(r"(\d{1,9}) (\d{1,18})", re.ASCII)
_FOLDER = re.compile(r"(/.{0,4096})")
_PERMISSIONS = r"\?|[-a-zA-Z][-rwxsStT]{9}[.+@]?"
_ENTRY = re.compile(rf"(link|file) ({_PERMISSIONS}) (\S{{1,256}}) (\S{{1,256}}) (\S{{1,256}})", re.ASCII)
_TARGET = re.compile(r"(\S{1,4096})", re.ASCII)
_FAULT = re.compile(r"([a-z-]{1,32})")
_USER = re.compile(r"(batchcert[-a-z0-9_]{0,23}|\?)")
_READER = re.compile(rf"([a-z_][-a-z0-9_]{{0,31}}) ({'|'.join(Standing)})")
_READ = re.compile(r"([a-z_][-a-z0-9_]{0,31}) (yes|no)")
_ACL = re.compile(r"\?|(user|group|mask|other):([A-Za-z0-9._-]{0,64}):([-r][-w][-x])")
_KEY = re.compile(rf"({'|'.join(KeyFit)})")

_FILE_FAULTS = {
    "dangling": (Fault.FILE_DANGLING, "leads to a file that does not exist"),
    "not-a-file": (Fault.FILE_NOT_REGULAR, "is not a file"),
    "unreadable": (Fault.FILE_UNREADABLE, "cannot be read"),
    "too-large": (Fault.FILE_TOO_LARGE, "is too large for a certificate"),
    "broken": (Fault.FILE_BROKEN, "has a certificate in it that is cut or damaged"),
    "more": (Fault.FILE_WITH_MORE, f"holds more than {MAX_CERTIFICATES} certificates"),
}


def parse_answer(output: bytes) -> NodeReport:
    """What the node's *output*, standard output alone, tells.

    Raises: Problem `visit-answer-...`: empty, unmarked, cut, too-large, too-many-parts, malformed.
    """
    if len(output) > MAX_ANSWER_BYTES:
        raise Fault.ANSWER_TOO_LARGE.problem(f"the visit's answer has more than {MAX_ANSWER_BYTES} bytes")
    lines = between_marks(output.decode("utf-8", errors="replace"))
    node_time = datetime.fromtimestamp(int(lines.need("time", _SECONDS)[1]), UTC)
    users = tuple(match[1] for match in lines.each("user", _USER, MAX_USERS))
    report = NodeReport(
        node_time=node_time,
        users=tuple(user for user in users if _known(user)),
        handlers=_handlers(lines),
        stores=tuple(_store(lines, match[1]) for match in lines.each("store", _FOLDER, MAX_STORES)),
        served=services_served(lines),
        hooks=hooks_found(lines),
    )
    lines.finished()
    return report


def _handlers(lines: Lines) -> tuple[Handler, ...]:
    handlers = tuple(_handler(lines, match[1], match[2]) for match in lines.each("handler", _HANDLER, MAX_HANDLERS))
    if lines.take("handlers-cut", NOTHING):
        raise Fault.ANSWER_TOO_MANY.problem(f"the node has more than {MAX_HANDLERS} versions of the handler")
    return handlers


def _handler(lines: Lines, version: str, state: str) -> Handler:
    found = lines.take("status", _STATUS)
    sequence = int(found[1]) if found else None
    status, fault = _status(lines, int(found[2])) if found else (None, None)
    return Handler(version, _known(state), sequence, status, fault)


def _status(lines: Lines, size: int) -> tuple[Status | None, Problem | None]:
    data = lines.take("data", BASE64)
    if data is None and size <= MAX_STATUS_BYTES:
        raise lines.malformed()
    if data is None:
        return None, Fault.STATUS_TOO_LARGE.problem(f"the status file has {size} bytes")
    content = lines.decoded(data[1])
    try:
        return parse_status(content), None
    except Problem as fault:
        return None, fault


def _store(lines: Lines, location: str) -> Store:
    if lines.take("absent", NOTHING):
        return Store(location, exists=False, files=())
    readers = tuple((match[1], Standing(match[2])) for match in lines.each("reader", _READER, MAX_READERS))
    files: list[StoreFile] = []
    cut = False
    for _ in range(2):  # the script prints links, then files, and either list may be cut
        files += [_file(lines, location, match) for match in lines.each("entry", _ENTRY, MAX_LINKS_AND_FILES)]
        cut = lines.take("store-cut", NOTHING) is not None or cut
    return Store(location, exists=True, files=tuple(files), cut=cut, readers=readers)


def _file(lines: Lines, location: str, entry: re.Match[str]) -> StoreFile:
    kind, permissions, owner, group, name = entry.groups()
    target = lines.need("target", _TARGET)[1] if kind == "link" else ""
    swung = lines.take("swung", _SECONDS)
    acl = tuple(_acl_entry(match) for match in lines.each("acl", _ACL, MAX_ACL))
    reads = tuple((match[1], match[2] == "yes") for match in lines.each("read", _READ, MAX_READERS))
    path = f"{location.rstrip('/')}/{name}"
    chain, misplaced, fault = _content(lines, path)
    key = lines.take("key", _KEY)
    return StoreFile(
        path=path,
        target=target,
        owner=_known(owner),
        group=_known(group),
        mode=_mode(permissions),
        chain=chain,
        fault=fault,
        misplaced=misplaced,
        key=KeyFit(key[1]) if key else KeyFit.UNTOLD,
        acl=acl,
        reads=reads,
        swung=datetime.fromtimestamp(int(swung[1]), UTC) if swung else None,
    )


def _acl_entry(match: re.Match[str]) -> AclEntry | None:
    return AclEntry(match[1], match[2], match[3]) if match[1] else None


def _content(lines: Lines, path: str) -> tuple[tuple[Certificate, ...], int, Problem | None]:
    """The certificates in a file, the place of the first that is not where it belongs, and what is wrong with it."""
    blocks = [lines.decoded(match[1]) for match in lines.each("certificate", BASE64, MAX_CERTIFICATES)]
    word = lines.take("fault", _FAULT)
    chain, fault = _chain(path, blocks)
    if word is not None and fault is None:
        fault = _file_fault(lines, path, word[1])
    if not chain and fault is None:
        fault = Fault.FILE_WITHOUT_CERTIFICATE.problem(f"{path} holds no certificate")
    return chain, misplaced_in(blocks[: len(chain)]), fault


def _file_fault(lines: Lines, path: str, word: str) -> Problem:
    if word not in _FILE_FAULTS:
        raise lines.malformed()
    fault, what = _FILE_FAULTS[word]
    return fault.problem(f"{path} {what}")


def _chain(path: str, blocks: list[bytes]) -> tuple[tuple[Certificate, ...], Problem | None]:
    chain: list[Certificate] = []
    for block in blocks:
        try:
            chain.append(read_certificate(block))
        except Problem as problem:
            return tuple(chain), Fault.FILE_NOT_X509.problem(f"{path}: {problem.what}")
    return tuple(chain), None


def _known(field: str) -> str:
    return "" if field == "?" else field


def _mode(permissions: str) -> str:
    """The permission bits of `ls -l` in octal: "-rw-r-----" is "640"; "" where unknown."""
    if permissions == "?":
        return ""
    mode = 0
    for index, letter in enumerate(permissions[1:10]):
        if letter not in "-ST":
            mode |= 0o400 >> index
        if letter in "sStT":
            mode |= 0o4000 >> index // 3
    return f"{mode:o}"
