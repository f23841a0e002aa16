"""What a visit's answer tells of a node's services: service.sh's lines, read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from batchcert.problems import Problem
from batchcert.visit.certificate import read_certificate
from batchcert.visit.lines import BASE64, NOTHING, Lines
from batchcert.visit.report import Certificate, FoundHook, Ran, Served, Shown

MAX_SERVED = 256
MAX_HOOKS = 256
ACTIVE = "active"  # systemctl(1), is-active

_SERVE = re.compile(r"(\d{1,5}) (-|[-A-Za-z0-9.]{1,253})", re.ASCII)
_WORD = re.compile(f"({'|'.join(word for word in Shown if word is not Shown.CERTIFICATE)})")
_HOOK = re.compile(r"([-A-Za-z0-9.]{1,160})", re.ASCII)
_REVISION = re.compile(r"(\S{1,64}) (\S{1,64})", re.ASCII)
_RAN = re.compile(r"(\S{1,80}) (\S{1,16}) (\S{1,16}) (\S{1,16})", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STATUS = re.compile(r"\d{1,3}", re.ASCII)
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


def services_served(lines: Lines) -> tuple[Served, ...]:
    """What each service that was asked presented.

    Raises: Problem `visit-answer-malformed`, `visit-answer-too-many-parts`.
    """
    return tuple(_served(lines, match) for match in lines.each("serve", _SERVE, MAX_SERVED))


def hooks_found(lines: Lines) -> tuple[FoundHook, ...]:
    """Each hook that was asked for. A result that no run of a hook writes counts as none.

    Raises: Problem `visit-answer-malformed`, `visit-answer-too-many-parts`.
    """
    return tuple(_hook(lines, match[1]) for match in lines.each("hook", _HOOK, MAX_HOOKS))


def _served(lines: Lines, match: re.Match[str]) -> Served:
    port, name = int(match[1]), "" if match[2] == "-" else match[2]
    shown = lines.take("certificate", BASE64)
    if shown is None:
        return Served(port, name, Shown(lines.need("fault", _WORD)[1]))
    leaf = _leaf(lines.decoded(shown[1]))
    return Served(port, name, Shown.CERTIFICATE if leaf else Shown.NO_TLS, leaf)


def _leaf(der: bytes) -> Certificate | None:
    """The certificate; a client could not read one that is none either."""
    try:
        return read_certificate(der)
    except Problem:
        return None


def _hook(lines: Lines, name: str) -> FoundHook:
    if lines.take("absent", NOTHING):
        return FoundHook(name)
    revision = lines.need("revision", _REVISION)
    ran = lines.take("ran", _RAN)
    return FoundHook(name, revision[1], revision[2] == ACTIVE, _ran(*ran.groups()) if ran else None)


def _ran(sha256: str, status: str, began: str, ended: str) -> Ran | None:
    if not _SHA256.fullmatch(sha256) or not _SECONDS.fullmatch(began):
        return None
    if status == "running":
        return Ran(sha256, None, _moment(began), None)
    if not _STATUS.fullmatch(status) or not _SECONDS.fullmatch(ended):
        return None
    return Ran(sha256, int(status), _moment(began), _moment(ended))


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
