"""Checks on a current certificate's file: its private key, and the link that leads to it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from datetime import datetime

from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import file_of, matches
from batchcert.verdict.words import short
from batchcert.visit.report import KeyFit

_UNFIT: Mapping[KeyFit, tuple[Defect, str]] = {
    KeyFit.OTHER: (Defect.KEY_OF_ANOTHER, "holds a private key that is not leaf {leaf}'s: their public keys differ"),
    KeyFit.NONE: (Defect.KEY_MISSING, "holds leaf {leaf} and no private key"),
    KeyFit.UNREADABLE: (Defect.KEY_UNREADABLE, "holds leaf {leaf} and a private key that openssl cannot read"),
}


def key_unfit(seen: Evidence, _now: datetime) -> Finding | None:
    """The private key is another's, damaged or missing; where it could not be compared, nothing is said of it."""
    file = file_of(seen)
    if file is None or not matches(seen) or file.key not in _UNFIT:
        return None
    defect, what = _UNFIT[file.key]
    return defect.finding(f"{file.path} {what.format(leaf=short(seen.expected.sha256))}")


def link_astray(seen: Evidence, _now: datetime) -> Finding | None:
    """The link leads to a file that the extension would not call this certificate's."""
    file, expected = file_of(seen), seen.expected
    if file is None or not file.target or not matches(seen):
        return None
    folder, name = posixpath.split(posixpath.normpath(posixpath.join(posixpath.dirname(file.path), file.target)))
    stem = f"{expected.vault}.{expected.name}."
    if folder == posixpath.normpath(posixpath.dirname(file.path)) and name.lower().startswith(stem.lower()):
        return None
    shown = "a file whose name cannot be shown" if file.target == "?" else file.target
    return Defect.LINK_ASTRAY.finding(f"{file.path} leads to {shown}, not to a file {stem}... beside it")
