"""What in the evidence concerns the certificate at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from batchcert.verdict.evidence import Evidence
from batchcert.visit.handler import newest_enabled
from batchcert.visit.report import Certificate, Handler, Status, Store, StoreFile
from batchcert.visit.store import find_file, find_store


def handler_of(seen: Evidence) -> Handler | None:
    """The handler that the guest agent runs."""
    return newest_enabled(seen.report.handlers) if seen.report else None


def status_of(seen: Evidence) -> Status | None:
    """The newest status of that handler."""
    handler = handler_of(seen)
    return handler.status if handler else None


def store_of(seen: Evidence) -> Store | None:
    """The folder in which the certificate belongs."""
    return find_store(seen.report, seen.expected.store) if seen.report else None


def file_of(seen: Evidence) -> StoreFile | None:
    """The file through which a service opens the certificate."""
    store, expected = store_of(seen), seen.expected
    if store is None:
        return None
    return find_file(store, vault=expected.vault, certificate=expected.name, link_name=expected.link_name)


def leaf_of(seen: Evidence) -> Certificate | None:
    """The certificate that services on the node would present."""
    file = file_of(seen)
    return file.chain[0] if file and file.chain else None


def matches(seen: Evidence) -> bool:
    """Whether the leaf is Key Vault's current version."""
    leaf = leaf_of(seen)
    return leaf is not None and leaf.sha256 == seen.expected.sha256


def node_age(seen: Evidence, now: datetime) -> timedelta | None:
    """How long ago the node was allocated, or None where Batch does not say."""
    return now - seen.node.allocated_at if seen.node.allocated_at else None


def node_is_young(seen: Evidence, now: datetime) -> bool:
    """Whether the node has had less time than it may lag behind."""
    age = node_age(seen, now)
    return age is not None and age <= seen.tolerance


def version_is_new(seen: Evidence, now: datetime) -> bool:
    """Whether Key Vault issued the current version less than the tolerated lag ago."""
    return now - seen.expected.issued_at <= seen.tolerance


def reported_at(status: Status) -> datetime | None:
    """The moment a status names for itself, in UTC, or None where it names none that can be read."""
    try:
        time = datetime.fromisoformat(status.timestamp)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
