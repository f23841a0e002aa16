"""What a trap is: known once, seen in a body, told as a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from batchcert.extension.pool_body import PoolBody


class Severity(StrEnum):
    """How bad a trap is, worst first."""

    BREAKS = "breaks"
    """Azure refuses the request, the nodes fail, or the certificate does not rotate."""
    WEAKENS = "weakens"
    """It works today, but unproved, unsafe or not for long."""
    NOTES = "notes"
    """Worth knowing; nothing needs to change."""

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Trap:
    """One way in which the procedure goes wrong.

    Attributes:
        code: stable kebab-case name, also the name of its page in docs/problems.
        severity: how bad it is.
        cause: why it goes wrong.
        cure: what to write or do instead.
        answer: what batchcert does about it.
        source: where the fact comes from.
    """

    code: str
    severity: Severity
    cause: str
    cure: str
    answer: str
    source: str


class Sighting(NamedTuple):
    """A trap seen at *field* of a body; *what* was seen, and a cure for this very case where there is one."""

    field: str
    what: str
    cure: str = ""


Look = Callable[[PoolBody], Iterable[Sighting]]


class Rule(NamedTuple):
    """A trap, and how it is seen in a body."""

    trap: Trap
    look: Look


def rule(code: str, severity: Severity, *, cause: str, cure: str, answer: str, source: str) -> Callable[[Look], Rule]:
    """Make the decorated function the rule of the trap described."""
    return lambda look: Rule(Trap(code, severity, cause, cure, answer, source), look)


@dataclass(frozen=True)
class Finding:
    """A trap that a body falls into, ready to be told. *field* is the path in the body."""

    code: str
    severity: Severity
    field: str
    what: str
    cause: str
    cure: str
    source: str
