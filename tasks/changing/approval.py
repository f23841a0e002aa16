"""Asking a person: the run pauses, and its page shows the plan with a form."""

from __future__ import annotations

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from prefect.logging import get_run_logger
from pydantic import Field

from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.stops import loses, not_approved
from batchcert.plan.changing.text import plan_markdown
from batchcert.spec import ChangeSpec

POLL_SECONDS = 5  # between two looks whether somebody has resumed the run


class Approval(RunInput):
    """The form of the paused run."""

    approve: bool = Field(
        title="Carry out this plan",
        description="On: the plan is carried out. Off: the run ends, and nothing is changed.",
    )


def ask_approval(plan: ChangePlan, asked: ChangeSpec, *, approved: bool) -> None:
    """Pause the run that calls this until somebody has approved *plan*; *approved* says that in advance.

    Raises: Problem `change-not-approved`; `change-loses-settings` where what was approved in advance would lose
    something.
    """
    if approved:
        if plan.lost:
            raise loses(plan.pool, plan.lost)
        return
    get_run_logger().info("waiting for approval: Resume in the page of this run shows the plan and asks")
    form = Approval.with_initial_data(description=plan_markdown(plan, asked))
    try:
        answer = pause_flow_run(
            wait_for_input=form, timeout=round(asked.approval_hours * 3600), poll_interval=POLL_SECONDS
        )
    except FlowPauseTimeout:
        raise not_approved(plan.pool, f"nobody resumed the run within {asked.approval_hours:g} hours") from None
    if not answer.approve:
        raise not_approved(plan.pool, "whoever resumed the run said no")
