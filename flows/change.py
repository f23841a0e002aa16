"""Change a pool that differs from what is asked for: shown, approved, carried out, proved."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.text import headline
from batchcert.plan.pool_body import pool_body
from batchcert.spec import CertificateSpec, ChangeSpec, IdentitySpec, PoolSpec, Target, ValidationSpec, VaultSpec
from batchcert.verdict.looked import sees_no_leaf
from batchcert.verdict.rollup import PoolVerdict
from flows.carrying_out import Making, carry_out
from flows.groundwork import lay_groundwork
from flows.proof import in_one_line, prove
from tasks.changing.approval import ask_approval
from tasks.changing.planning import confirm_plan, make_plan
from tasks.lease import pool_lease

_SIDE_BY_SIDE = 8  # tasks; the certificates of a pool are few


@flow(
    name="change",
    flow_run_name="change {pool.name} in {target.region}",
    task_runner=ThreadPoolTaskRunner(max_workers=_SIDE_BY_SIDE),  # type: ignore[arg-type]  # invariant in Prefect
)
def change(  # noqa: PLR0917 - each is a section of the run's form
    target: Target,
    identity: IdentitySpec,
    vault: VaultSpec,
    certificates: list[CertificateSpec],
    pool: PoolSpec,
    validation: ValidationSpec = ValidationSpec(),  # noqa: B008 - frozen
    change: ChangeSpec = ChangeSpec(),  # noqa: B008 - frozen
    approve: bool = False,
) -> State[Any]:
    """Bring a pool that exists to what is asked for: in place, at zero nodes, or by a new pool beside it.

    The plan is shown as an artifact, and the run pauses until somebody approves it in its page. No task that runs is
    ever ended. A run that stops says what is left; the next one goes on there.

    Args:
        target: The Azure in which the pool is.
        identity: The managed identity with which the nodes read Key Vault.
        vault: The Key Vault that holds the certificates.
        certificates: The certificates, each with its policy and its place on the nodes.
        pool: The pool as it shall be: its size, image, extension and network. Its name is that of the pool there is.
        validation: How nodes are visited, and how long a certificate may lag behind Key Vault.
        change: The way of the change, and what becomes of the jobs and nodes of a pool that is replaced.
        approve: On: the plan is carried out without asking. Off: the run pauses and asks.
    """
    if blind := sees_no_leaf(validation.visit, "a change"):
        raise blind
    with pool_lease(target.pool_id(pool.name)):
        plan = make_plan(target, identity, vault, certificates, pool, change)
        if plan.way is None:
            return _ended(plan, prove(target, pool.name, validation, [plan.change]))
    ask_approval(plan, change, approved=approve)  # the pool is nobody's while a person reads
    with pool_lease(target.pool_id(pool.name)):
        ground = lay_groundwork(target, identity, vault, certificates)
        desired = pool_body(
            pool,
            identity_id=ground.identity.arm_id,
            client_id=ground.identity.client_id,
            vault_url=ground.vault.url,
            certificates=certificates,
        )
        plan = confirm_plan(target, plan, desired, change)
        verdict = carry_out(Making(target, plan, change, desired, pool, validation, list(ground.changes)))
    return _ended(plan, verdict)


def _ended(plan: ChangePlan, verdict: PoolVerdict) -> State[Any]:
    state = Completed if verdict.fine else Failed
    return state(message=f"{headline(plan)}: {in_one_line(verdict)}")
