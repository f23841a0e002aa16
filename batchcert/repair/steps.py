"""What can be done about a node, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from batchcert.problems import Problem
from batchcert.verdict.finding import Row, Verdict
from batchcert.verdict.rollup import worst_first


class Step(StrEnum):
    """What Batch can do to a node, the milder one first."""

    REBOOT = "reboot"
    REIMAGE = "reimage"

    @property
    def done(self) -> str:
        """The step in the past: rebooted."""
        return f"{self.value}{'d' if self.value.endswith('e') else 'ed'}"


class Outcome(StrEnum):
    """How a node was after its step had its time."""

    CURRENT = "current"
    STALE = "still stale"
    OTHER = "not current"
    """It is up, and has not got the certificate; its verdict says why."""
    UNDONE = "not carried out to the end"
    """Batch refused the step, or the node did not come up in time."""


@dataclass(frozen=True)
class Repair:
    """A step to be taken for a node, because of these certificates ("vault/name")."""

    node: str
    step: Step
    certificates: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """A step that was taken, or begun. *told*: what was seen afterwards; *undone*: what kept it from its end."""

    repair: Repair
    outcome: Outcome
    told: str = ""
    undone: Problem | None = None


def outcome_of(repair: Repair, rows: Sequence[Row], *, behind: bool) -> tuple[Outcome, str]:
    """What came of a step, by its node's *rows* afterwards, and what was seen. *behind*: whether it is still stale."""
    wanted = [row for row in rows if row.certificate in repair.certificates]
    if wanted and all(row.finding.verdict is Verdict.CURRENT for row in wanted):
        return Outcome.CURRENT, ""
    told = "; ".join(f"{row.certificate}: {row.finding.message} [{row.finding.reason}]" for row in worst_first(wanted))
    return Outcome.STALE if behind else Outcome.OTHER, told or "the node has left the pool"


@dataclass(frozen=True)
class Left:
    """A stale node that this run leaves as it is, and why."""

    node: str
    why: Problem


@dataclass(frozen=True)
class Repairs:
    """All that a run did about stale nodes, in its order, and what it left.

    *stopped*: why nothing (more) is done to any node, or None.
    """

    attempts: tuple[Attempt, ...] = ()
    left: tuple[Left, ...] = ()
    stopped: Problem | None = None

    def __str__(self) -> str:
        """In a few words, for a run's state; "" where there was nothing to be done."""
        mended = [attempt for attempt in self.attempts if attempt.outcome is Outcome.CURRENT]
        parts = [f"{len(mended)} repaired ({_by_step(mended)})"] if mended else []
        bad = {attempt.repair.node for attempt in self.attempts} - {attempt.repair.node for attempt in mended}
        parts += [f"{len(bad)} in vain"] if bad else []
        whys = [self.stopped, *(one.why for one in self.left if one.node not in bad)]
        codes = dict.fromkeys(why.code for why in whys if why)
        parts += [f"not repaired: {', '.join(codes)}"] if codes else []
        return ", ".join(parts)


def _by_step(attempts: Iterable[Attempt]) -> str:
    steps = [attempt.repair.step for attempt in attempts]
    return ", ".join(f"{steps.count(step)} by {step}" for step in Step if step in steps)
