"""What was approved in advance; asking a person is tested where a run can pause."""

from __future__ import annotations

import pytest

from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem
from batchcert.spec import ChangeSpec
from tasks.changing.approval import Approval, ask_approval

PLAN = ChangePlan("farm", Way.BESIDE, new_pool="farm-2")


def test_what_was_approved_in_advance_is_not_asked_for() -> None:
    """No run is needed that could pause."""
    ask_approval(PLAN, ChangeSpec(), approved=True)


def test_a_loss_is_not_approved_in_advance() -> None:
    """Whoever said yes did not know of it."""
    plan = ChangePlan("farm", Way.BESIDE, new_pool="farm-2", lost=("its user accounts",))
    with pytest.raises(Problem) as refused:
        ask_approval(plan, ChangeSpec(), approved=True)
    assert refused.value.code == "change-loses-settings"
    assert "its user accounts" in refused.value.what


def test_the_form_explains_itself_and_is_answered_by_a_person() -> None:
    """The switch has a title, words, and no answer of its own: an empty form is refused."""
    schema = Approval.model_json_schema()
    field = schema["properties"]["approve"]
    assert field["title"]
    assert field["description"]
    assert schema["required"] == ["approve"]
