"""Checks on the certificate in its store, against Key Vault's current version."""

from __future__ import annotations

from datetime import datetime

from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding, Verdict
from batchcert.verdict.in_service import in_use
from batchcert.verdict.reasons import Reason
from batchcert.verdict.seen import (
    file_of,
    leaf_of,
    matches,
    node_age,
    node_is_young,
    status_of,
    store_of,
    version_is_new,
)
from batchcert.verdict.trail import known_behind
from batchcert.verdict.versions import names_gained
from batchcert.verdict.words import lasting, moment, short
from batchcert.visit.report import Certificate, KeyFit
from batchcert.visit.store import files_of, name_of


def leaf_expired(seen: Evidence, now: datetime) -> Finding | None:
    """The leaf is past its end by the service's clock; what the extension says of it is the nearest cause."""
    leaf = leaf_of(seen)
    if leaf is None or now <= leaf.not_after:
        return None
    reason = Reason.VERSION_EXPIRED if matches(seen) else Reason.LEAF_EXPIRED
    status = status_of(seen)
    complaint = status.message if status and status.state != "success" else ""
    return reason.finding(
        f"leaf {short(leaf.sha256)} expired {lasting(now - leaf.not_after)} ago, on {moment(leaf.not_after)}"
        f"{f'; the extension says: {complaint}' if complaint else ''}",
        **known_behind(seen)._asdict(),
    )


def pinned_behind(seen: Evidence, _now: datetime) -> Finding | None:
    """The pool asks for one version, and Key Vault has gone on."""
    expected = seen.expected
    if not expected.pinned_version or _pinned_to_current(seen):
        return None
    return Reason.PINNED_VERSION.finding(
        f"the pool pins version {short(expected.pinned_version)}; "
        f"Key Vault's current version is {short(expected.version)}"
    )


def wrong_certificate(seen: Evidence, _now: datetime) -> Finding | None:
    """The leaf is none of Key Vault's versions, as far as they are known."""
    leaf = leaf_of(seen)
    if leaf is None or matches(seen) or not _is_foreign(leaf, seen):
        return None
    return Reason.WRONG_CERTIFICATE.finding(
        f"leaf {short(leaf.sha256)} ({leaf.subject}) is none of Key Vault's newest versions; "
        f"the current one is {short(seen.expected.sha256)}"
    )


def current(seen: Evidence, now: datetime) -> Finding | None:
    """The one proof: success, and the current version's fingerprint."""
    status, leaf = status_of(seen), leaf_of(seen)
    if status is None or leaf is None or status.state != "success" or not matches(seen):
        return None
    reason = Reason.CURRENT_BUT_PINNED if seen.expected.pinned_version else Reason.CURRENT
    return reason.finding(
        f"leaf {short(leaf.sha256)} is Key Vault's current version, valid for {lasting(leaf.not_after - now)}"
        f"{in_use(seen)}{_worth_knowing(seen)}"
    )


def node_young(seen: Evidence, now: datetime) -> Finding | None:
    """Not there yet, on a node that has not had its time."""
    age = node_age(seen, now)
    if age is None or not node_is_young(seen, now):
        return None
    return Reason.NODE_YOUNG.finding(
        f"the node is {lasting(age)} old and has {_held(seen)}; it has {lasting(seen.tolerance)}"
    )


def rotation_pending(seen: Evidence, now: datetime) -> Finding | None:
    """Not there yet, and the version is new."""
    if not version_is_new(seen, now):
        return None
    expected = seen.expected
    return Reason.ROTATION_PENDING.finding(
        f"{short(expected.sha256)} was issued {lasting(now - expected.issued_at)} ago and the node has "
        f"{_held(seen)}; it has until {moment(expected.issued_at + seen.tolerance)}"
    )


def store_missing(seen: Evidence, _now: datetime) -> Finding | None:
    """The folder itself is not there."""
    store = store_of(seen)
    if store is not None and store.exists:
        return None
    what = "does not exist" if store else "is not in the visit's answer"
    return Reason.STORE_MISSING.finding(f"{seen.expected.store} {what}")


def file_missing(seen: Evidence, _now: datetime) -> Finding | None:
    """The folder has no file of the certificate, or not the link that services were told to open."""
    store, expected = store_of(seen), seen.expected
    if store is None or file_of(seen) is not None:
        return None
    name = expected.link_name or f"{expected.vault}.{expected.name}"
    others = [name_of(file) for file in files_of(store.files, vault=expected.vault, certificate=expected.name)]
    found = f"; it has {', '.join(others[:3])}" if others else ""
    cut = "; the folder holds more than a visit lists" if store.cut else ""
    return Reason.FILE_MISSING.finding(f"{store.location} has no {name}{found}{cut}")


def file_unreadable(seen: Evidence, _now: datetime) -> Finding | None:
    """There is a file, and no certificate can be read from it."""
    file = file_of(seen)
    if file is None or file.chain or file.fault is None:
        return None
    return Finding(Verdict.MISSING, file.fault.code, file.fault.what, file.fault.cause, file.fault.cure)


def stale(seen: Evidence, now: datetime) -> Finding:
    """What is left: an older version, past all tolerance."""
    expected = seen.expected
    return Reason.ROTATION_OVERDUE.finding(
        f"the node has {_held(seen)}; Key Vault's current version is {short(expected.sha256)}, "
        f"issued {lasting(now - expected.issued_at)} ago"
    )


def _worth_knowing(seen: Evidence) -> str:
    """What is no fault and is not proved by the fingerprint either."""
    file, gained = file_of(seen), names_gained(seen.expected)
    notes = ["its key was not compared with it"] if file and file.key is KeyFit.UNTOLD else []
    notes += [f"it names {', '.join(gained)}, which the version before did not"] if gained else []
    return "".join(f"; {note}" for note in notes)


def _held(seen: Evidence) -> str:
    leaf = leaf_of(seen)
    return f"leaf {short(leaf.sha256)}" if leaf else "no leaf"


def _pinned_to_current(seen: Evidence) -> bool:
    return seen.expected.pinned_version.lower() == seen.expected.version.lower()


def _is_foreign(leaf: Certificate, seen: Evidence) -> bool:
    """Known versions decide; without them, an earlier version is at least one that became valid earlier."""
    if seen.expected.earlier_sha256 is not None:
        return leaf.sha256 not in seen.expected.earlier_sha256
    return leaf.not_before >= seen.expected.not_before
