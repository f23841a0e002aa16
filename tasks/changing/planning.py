"""The steps that find out what is to be changed, and whether that is still so once it was approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger

from batchcert.plan.changing.plan import ChangePlan, plan_change, plan_outdated
from batchcert.plan.changing.text import headline, plan_markdown
from batchcert.plan.desired import desired_body
from batchcert.plan.pool import no_pool
from batchcert.plan.preflight import change_problems
from batchcert.plan.rights import missing_rights, needs, sort_refusals
from batchcert.plan.surroundings import Wanted
from batchcert.problems import raise_all
from batchcert.render.plan import change_text
from batchcert.spec import CertificateSpec, ChangeSpec, IdentitySpec, PoolSpec, Target, VaultSpec
from tasks.artifacts import artifact_key
from tasks.azure_api import pools
from tasks.azure_api.look import Look
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="plan",
    task_run_name="plan the change of {pool.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def make_plan(  # noqa: PLR0917 - what the run is asked for
    target: Target,
    identity: IdentitySpec,
    vault: VaultSpec,
    certificates: Sequence[CertificateSpec],
    pool: PoolSpec,
    asked: ChangeSpec,
) -> ChangePlan:
    """What is to be done to the pool, as an artifact too; nothing is written to Azure.

    Raises: all at once, what stands in the way: see `batchcert.plan.preflight.CHANGE_CHECKS` and
    `batchcert.plan.rights`; Problem `change-way-too-weak`, `pool-name-too-long`, `new-pool-without-nodes`.
    """
    look = Look(replace(connect(target), patience=timedelta(0)), Wanted(target, identity, vault, certificates, pool))
    seen = look.around()
    needed = needs(replace(seen, pool=None))  # whoever changes a pool may do what making it takes
    held = look.permissions(needed)
    failed, _ = sort_refusals(seen, look.problems, look.caller.object_id, held)
    raise_all([*failed, *change_problems(seen), *missing_rights(needed, held)])
    if seen.pool is None:
        raise no_pool(pool.name)
    plan = plan_change(pool.name, desired_body(seen), seen.pool, asked)
    get_run_logger().info("%s\n%s", headline(plan), change_text(plan.change))
    create_markdown_artifact(
        key=artifact_key("change", target, pool.name), markdown=plan_markdown(plan, asked), description=headline(plan)
    )
    return plan


@task(
    name="agree",
    task_run_name="is the plan for {approved.pool} still right",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def confirm_plan(target: Target, approved: ChangePlan, desired: Mapping[str, object], asked: ChangeSpec) -> ChangePlan:
    """The plan of now, which is the one *approved*: somebody may have changed the pool while the run waited.

    Raises: Problem `plan-outdated`, `pool-not-found`.
    """
    with connect(target).pools(target.subscription_id) as api:
        observed = pools.read(api, target.pool_id(approved.pool))
    if observed is None:
        raise no_pool(approved.pool)
    plan = plan_change(approved.pool, desired, observed, asked)
    if not approved.agrees_with(plan):
        raise plan_outdated(approved.pool)
    return plan
