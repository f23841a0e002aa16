"""The step that sees to the pool's identity."""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import IdentityReady
from batchcert.plan.identity import plan_identity
from batchcert.render.plan import change_text
from batchcert.spec import IdentitySpec, Target
from tasks.azure_api import identities
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="identity",
    task_run_name="identity for {target.batch_account}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def ensure_identity(target: Target, spec: IdentitySpec) -> IdentityReady:
    """Create the identity where it is missing; one that exists is used as it is.

    Raises: Problem `identity-not-found`.
    """
    wanted = spec.resource(target)
    with connect(target).identities(wanted.subscription) as api:
        observed = identities.read(api, wanted)
        change = plan_identity(spec, target, observed)
        get_run_logger().info(change_text(change))
        if observed is None:
            observed = identities.create(api, wanted, target.region)
    return IdentityReady(
        arm_id=observed.arm_id,
        client_id=observed.client_id,
        principal_id=observed.principal_id,
        tenant_id=observed.tenant_id,
        change=change,
    )
