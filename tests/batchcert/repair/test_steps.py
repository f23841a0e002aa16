"""What a run did about stale nodes, in the words of its final state."""

from __future__ import annotations

import pytest

from batchcert.repair.steps import Attempt, Left, Outcome, Repair, Repairs, Step
from batchcert.repair.whys import Why


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
        (Repairs(MENDED, (Left("c", BUSY),)), "2 repaired (1 by reboot, 1 by reimage), left: repair-node-busy"),
        (
            Repairs((tried("a", Step.REBOOT, Outcome.STALE),), (Left("a", Why.NO_EFFECT.problem("a")),)),
            "1 not to be repaired",
        ),
        (Repairs((), (Left("a", MAJORITY), Left("b", MAJORITY)), MAJORITY), "left: repair-majority-stale"),
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


def test_steps_have_a_past() -> None:
    """For sentences about what was done."""
    assert [step.done for step in Step] == ["rebooted", "reimaged"]
