"""A change as a person reads it, before it is approved and after it has ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchcert.plan.changing.plan import ChangePlan, Difference
from batchcert.plan.changing.text import headline, outcome_markdown, plan_markdown, steps
from batchcert.plan.changing.ways import Way
from batchcert.spec import ChangeSpec, JobsChoice, OldPoolChoice

SIZE = Difference("vmSize", "STANDARD_A|1", "STANDARD_D2S_V5", Way.AT_ZERO, "only an empty pool takes another")
PLAN = ChangePlan("farm", Way.AT_ZERO, (SIZE,), nodes=3)
BESIDE = replace(PLAN, way=Way.BESIDE, new_pool="farm-2")


def test_a_plan_shows_each_difference_with_its_way_and_why() -> None:
    """In a table that a value cannot break."""
    text = plan_markdown(PLAN, ChangeSpec())
    assert text.startswith("# Change of pool farm: at zero nodes\n\n1 field differs.\n")
    row = next(line for line in text.splitlines() if "vmSize" in line)
    assert row == (
        "| `vmSize` | `STANDARD_A¦1` | `STANDARD_D2S_V5` | at zero nodes | only an empty pool takes another |"
    )


@pytest.mark.parametrize(
    ("asked", "moves", "empties"),
    [
        (ChangeSpec(), True, False),
        (ChangeSpec(jobs=JobsChoice.LEAVE), False, False),
        (ChangeSpec(old_pool=OldPoolChoice.EMPTY), True, True),
    ],
)
def test_a_plan_says_what_will_happen(asked: ChangeSpec, moves: bool, empties: bool) -> None:
    """No more and no less than was asked for."""
    text = "\n".join(steps(BESIDE, asked))
    assert "Nothing else happens until all certificates on all nodes of `farm-2` are current." in text
    assert ("go over to `farm-2`" in text, "its nodes go" in text) == (moves, empties)


def test_a_plan_names_what_should_be_known_before() -> None:
    """Identities nobody asked for, what does not come along, and whose pool it is."""
    plan = replace(BESIDE, unwanted=("/a/old-identity",), lost=("its mounts",), ours=False)
    text = plan_markdown(plan, ChangeSpec())
    for words in ("`/a/old-identity`", "the new pool does not have it", "its mounts", "did not make pool `farm`"):
        assert words in text
    for way in (Way.AT_ZERO, None):
        assert "it stays, unless change.way is new-pool" in plan_markdown(
            replace(plan, way=way, new_pool=""), ChangeSpec()
        )
    assert "Good to know" not in plan_markdown(BESIDE, ChangeSpec())


def test_an_equal_pool_is_said_to_be_one() -> None:
    """In a sentence of its own."""
    equal = ChangePlan("farm", None)
    assert "is as it is asked for" in plan_markdown(equal, ChangeSpec())
    assert headline(equal) == "Change of pool farm: nothing to change"


def test_an_outcome_says_what_was_done_and_what_is_left() -> None:
    """And nothing of going on where it did not stop."""
    text = outcome_markdown(BESIDE, ["pool farm-2 is there"], ["job a stays"])
    assert text.splitlines()[0] == "# Change of pool farm: a new pool beside the old, farm-2: done"
    assert "## Done\n\n- pool farm-2 is there" in text
    assert "## Left\n\n- job a stays" in text
    assert "run change again" not in text


def test_an_outcome_that_stopped_says_why_and_how_to_go_on() -> None:
    """The old pool is said to be as it was."""
    text = outcome_markdown(BESIDE, [], [], "farm-2: 1 node: 1 failed [new-pool-not-current]")
    assert ": stopped" in text.splitlines()[0]
    assert "1 failed" in text
    assert "run change again with the same parameters" in text
    assert "has not been changed" in text
