"""A verdict with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from batchcert.visit.faults import Explained


class Verdict(StrEnum):
    """What is true of a certificate on a node, worst first: the order is the rollup's."""

    EXPIRED = "expired"
    FAILED = "failed"
    MISSING = "missing"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    PENDING = "pending"
    REPORTED = "reported"
    SKIPPED = "skipped"
    CURRENT = "current"

    @property
    def severity(self) -> int:
        """0 is the worst."""
        return list(Verdict).index(self)

    @property
    def fine(self) -> bool:
        """Whether a validation passes with it."""
        return self in {Verdict.CURRENT, Verdict.PENDING, Verdict.REPORTED, Verdict.SKIPPED}


@dataclass(frozen=True)
class Finding:
    """What one check found: verdict, reason code (a page in docs/problems), and words for a person."""

    verdict: Verdict
    reason: str
    message: str
    cause: str = ""
    cure: str = ""


class Judged(Explained):
    """A set of reasons of our own, each with its verdict. Each value is the name of a page in docs/problems."""

    def __init__(self, code: str, verdict: Verdict, cause: str, cure: str = "") -> None:
        super().__init__(code, cause, cure)
        self.verdict = verdict

    def finding(self, message: str, *, cause: str = "", cure: str = "") -> Finding:
        """A finding for this reason; *cause* and *cure*, where given, are nearer than the reason's own."""
        return Finding(self.verdict, self.value, message, cause or self.cause, cure or self.cure)


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
