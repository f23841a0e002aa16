"""The step that looks before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import PreflightDone
from batchcert.plan.advice import advice
from batchcert.plan.preflight import no_subscription, preflight_problems
from batchcert.plan.rights import missing_rights, needs, sort_refusals
from batchcert.plan.surroundings import Wanted
from batchcert.problems import raise_all
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, Target, VaultSpec
from batchcert.spec.region import NO_SUBSCRIPTION
from tasks.azure_api.look import Look
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="preflight",
    task_run_name="preflight for {pool.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def preflight(
    target: Target,
    identity: IdentitySpec,
    vault: VaultSpec,
    certificates: Sequence[CertificateSpec],
    pool: PoolSpec,
) -> PreflightDone:
    """Read everything the run will build on, and tell all that stands in its way at once; nothing is written.

    Raises: Problem or Problems, see `batchcert.plan.preflight.CHECKS` and `batchcert.plan.rights`.
    """
    if target.subscription_id == NO_SUBSCRIPTION:
        raise no_subscription()
    log = get_run_logger()
    # A grant that is on its way is not waited for here: whichever step needs it waits.
    look = Look(replace(connect(target), patience=timedelta(0)), Wanted(target, identity, vault, certificates, pool))
    seen = look.around()
    needed = needs(seen)
    held = look.permissions(needed)
    failed, on_their_way = sort_refusals(seen, look.problems, look.caller.object_id, held)
    raise_all([*failed, *preflight_problems(seen), *missing_rights(needed, held)])
    notes = [*look.notes, *on_their_way, *advice(seen)]
    for note in notes:
        log.warning("note: %s", note)
    log.info("preflight: nothing stands in the way")
    return PreflightDone(seen.account.endpoint if seen.account else "", tuple(notes), seen.now)
