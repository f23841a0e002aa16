"""What a run did about stale nodes, in the words of its final state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchcert.repair.steps import Attempt, Left, Outcome, Repair, Repairs, Step, outcome_of
from batchcert.repair.whys import Why
from batchcert.verdict.finding import Row
from batchcert.verdict.reasons import Reason


def tried(node: str, step: Step, outcome: Outcome) -> Attempt:
    return Attempt(Repair(node, step, ("v/c",)), outcome)


BUSY = Why.NODE_BUSY.problem("node c: running tasks: 1")
MAJORITY = Why.MAJORITY_STALE.problem("2 of 2")
MENDED = (
    tried("a", Step.REBOOT, Outcome.STALE),
    tried("a", Step.REIMAGE, Outcome.CURRENT),
    tried("b", Step.REBOOT, Outcome.CURRENT),
)


@pytest.mark.parametrize(
    ("repairs", "words"),
    [
        (Repairs(), ""),
        (Repairs(MENDED), "2 repaired (1 by reboot, 1 by reimage)"),
        (Repairs(MENDED, (Left("c", BUSY),)), "2 repaired (1 by reboot, 1 by reimage), not repaired: repair-node-busy"),
        (
            Repairs((tried("a", Step.REBOOT, Outcome.STALE),), (Left("a", Why.NO_EFFECT.problem("a")),)),
            "1 in vain",
        ),
        (Repairs((), (Left("a", MAJORITY), Left("b", MAJORITY)), MAJORITY), "not repaired: repair-majority-stale"),
    ],
)
def test_in_a_few_words(repairs: Repairs, words: str) -> None:
    """How many were repaired and how; how many were tried in vain; and why others were left."""
    assert str(repairs) == words


@pytest.mark.parametrize("why", Why)
def test_each_reason_has_cause_and_cure(why: Why) -> None:
    """So that nobody has to guess why a node was left."""
    assert why.cause
    assert why.cure
    assert why.value.startswith("repair-")


OVERDUE = Reason.ROTATION_OVERDUE.finding("older")
ROW = Row("a", "v/c", Reason.CURRENT.finding("well"))
OF_ANOTHER = Row("a", "v/d", Reason.FILE_MISSING.finding("none"))


@pytest.mark.parametrize(
    ("rows", "behind", "outcome", "told"),
    [
        ([ROW], False, Outcome.CURRENT, ""),
        ([ROW, OF_ANOTHER], False, Outcome.CURRENT, ""),
        ([replace(ROW, finding=OVERDUE)], True, Outcome.STALE, "v/c: older [rotation-overdue]"),
        ([replace(ROW, finding=OF_ANOTHER.finding)], False, Outcome.OTHER, "v/c: none [certificate-file-missing]"),
        ([], False, Outcome.OTHER, "the node has left the pool"),
    ],
)
def test_what_came_of_a_step(rows: list[Row], behind: bool, outcome: Outcome, told: str) -> None:
    """It is about the certificates for which the step was taken; others are their own verdicts' matter."""
    assert outcome_of(Repair("a", Step.REBOOT, ("v/c",)), rows, behind=behind) == (outcome, told)


def test_steps_have_a_past() -> None:
    """For sentences about what was done."""
    assert [step.done for step in Step] == ["rebooted", "reimaged"]
