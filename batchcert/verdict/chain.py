"""Checks on the certificates behind the leaf: their order, and whether all are there.

Source: Key Vault VM extension for Linux: version 1.0 writes the leaf alone, 2.0 and 3.0 the chain that Key Vault has.
A root that is left out is no fault: whoever trusts it has it (RFC 8446, section 4.4.2).
"""

from __future__ import annotations

from datetime import datetime

from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import file_of, handler_of, matches
from batchcert.verdict.words import short
from batchcert.visit.handler import version_key
from batchcert.visit.report import StoreFile
from batchcert.visit.text import one_line

_LONGEST_NAME = 120  # characters
_WITH_CHAIN = 2  # the first major version that writes the chain


def leaf_not_first(seen: Evidence, _now: datetime) -> Finding | None:
    """The current version is in the file, behind another certificate."""
    file = file_of(seen)
    digests = [certificate.sha256 for certificate in file.chain] if file else []
    if file is None or matches(seen) or seen.expected.sha256 not in digests:
        return None
    place = digests.index(seen.expected.sha256) + 1
    return Defect.CHAIN_OUT_OF_ORDER.finding(
        f"the current version, {short(seen.expected.sha256)}, is certificate {place} of {len(digests)} in {file.path}; "
        f"the first is {_name(file.chain[0].subject)}"
    )


def chain_broken(seen: Evidence, _now: datetime) -> Finding | None:
    """Behind the leaf lies a certificate that did not issue the one before it."""
    file = file_of(seen)
    if file is None or not file.misplaced or not matches(seen):
        return None
    before, found = file.chain[file.misplaced - 2], file.chain[file.misplaced - 1]
    elsewhere = any(other.subject == before.issuer for other in file.chain[file.misplaced :])
    defect = Defect.CHAIN_OUT_OF_ORDER if elsewhere or before.self_issued else Defect.CHAIN_INCOMPLETE
    return defect.finding(
        f"{file.path}: certificate {file.misplaced} of {len(file.chain)} ({_name(found.subject)}) did not issue the "
        f"one before it, whose issuer is {_name(before.issuer)}"
    )


def chain_incomplete(seen: Evidence, _now: datetime) -> Finding | None:
    """The leaf stands alone and did not sign itself, though the extension's version writes the chain."""
    file, handler = file_of(seen), handler_of(seen)
    if file is None or handler is None or not matches(seen) or version_key(handler.version)[:1] < (_WITH_CHAIN,):
        return None
    return _leaf_alone(file, handler.version)


def _leaf_alone(file: StoreFile, version: str) -> Finding | None:
    leaf = file.chain[0]
    if leaf.self_issued or len(file.chain) > 1:
        return None
    return Defect.CHAIN_INCOMPLETE.finding(
        f"{file.path} holds the leaf alone; {_name(leaf.issuer)}, who issued it, is not in it, "
        f"and extension {version} writes the chain that Key Vault has"
    )


def _name(name: str) -> str:
    """A name from a node's certificate, no longer than a message bears."""
    return one_line(name, _LONGEST_NAME)
