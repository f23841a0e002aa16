"""A verdict with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is true of a certificate on a node, worst first: the order is the rollup's."""

    EXPIRED = "expired"
    FAILED = "failed"
    MISSING = "missing"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    PENDING = "pending"
    SKIPPED = "skipped"
    CURRENT = "current"

    @property
    def severity(self) -> int:
        """0 is the worst."""
        return list(Verdict).index(self)

    @property
    def fine(self) -> bool:
        """Whether a validation passes with it."""
        return self in {Verdict.CURRENT, Verdict.PENDING, Verdict.SKIPPED}


@dataclass(frozen=True)
class Finding:
    """What one check found: verdict, reason code (a page in docs/problems), and words for a person."""

    verdict: Verdict
    reason: str
    message: str
    cause: str = ""
    cure: str = ""


@dataclass(frozen=True)
class Row:
    """One certificate on one node, judged. Everything in it may be shown to anyone.

    *leaf_sha256* is "" and *expires* is "" where no leaf was read; times are ISO 8601, UTC.
    """

    node: str
    certificate: str
    finding: Finding
    leaf_sha256: str = ""
    expires: str = ""
