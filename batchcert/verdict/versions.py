"""The check on a certificate's versions: a renewal changes the key and the dates, and nothing else."""

from __future__ import annotations

from datetime import datetime

from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Evidence, Expected
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import matches
from batchcert.verdict.words import short


def versions_differ(seen: Evidence, _now: datetime) -> Finding | None:
    """The current version has another issuer than the one before it, or lacks a name which that one had."""
    now, before = seen.expected.named, seen.expected.named_before
    if now is None or before is None or not matches(seen):
        return None
    changes = [f"its issuer is {now.issuer}, and was {before.issuer}"] if now.issuer != before.issuer else []
    lost = [name for name in before.dns_names if name not in now.dns_names]
    changes += [f"it no longer names {', '.join(lost)}"] if lost else []
    if not changes:
        return None
    return Defect.VERSIONS_DIFFER.finding(
        f"version {short(seen.expected.sha256)} differs from the one before it: {'; '.join(changes)}"
    )


def names_gained(expected: Expected) -> tuple[str, ...]:
    """The DNS names that the current version has and the one before it had not: worth knowing, and no fault."""
    if expected.named is None or expected.named_before is None:
        return ()
    before = expected.named_before.dns_names
    return tuple(name for name in expected.named.dns_names if name not in before)
