"""The artifact that says what came of a change, whether it was carried out or stopped half-way."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_markdown_artifact

from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.text import headline, outcome_markdown
from batchcert.spec import Target
from tasks.artifacts import artifact_key


@task(name="outcome", task_run_name="what came of the change of {plan.pool}")
def publish_outcome(
    target: Target, plan: ChangePlan, done: Sequence[str], left: Sequence[str], stopped: str = ""
) -> None:
    """Write what was done and what is left, as the newest version of the plan's artifact. *stopped*: why, if it was."""
    create_markdown_artifact(
        key=artifact_key("change", target, plan.pool),
        markdown=outcome_markdown(plan, done, left, stopped),
        description=f"{headline(plan)}: {'stopped' if stopped else 'done'}",
    )
