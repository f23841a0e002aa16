"""Provision a pool whose nodes hold certificates that renew themselves, and prove it on every node."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from batchcert.changes import Change
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, Target, ValidationSpec, VaultSpec
from flows.groundwork import lay_groundwork
from flows.proof import in_one_line, prove
from tasks.lease import pool_lease
from tasks.nodes import await_nodes
from tasks.pool import ensure_pool
from tasks.preflight import preflight

_SIDE_BY_SIDE = 8  # tasks; the certificates of a pool are few


@flow(
    name="provision",
    flow_run_name="provision {pool.name} in {target.region}",
    task_runner=ThreadPoolTaskRunner(max_workers=_SIDE_BY_SIDE),  # type: ignore[arg-type]  # invariant in Prefect
)
def provision(  # noqa: PLR0917 - each is a section of the run's form
    target: Target,
    identity: IdentitySpec,
    vault: VaultSpec,
    certificates: list[CertificateSpec],
    pool: PoolSpec,
    validation: ValidationSpec = ValidationSpec(),  # noqa: B008 - frozen
) -> State[Any]:
    """Bring identity, certificates, access and pool to what is asked for, then prove it on every node.

    What is right already is not written to: a second run changes nothing. The run fails when any certificate on any
    node is anything but current, pending, reported or skipped; its report and table are written before.

    Args:
        target: The Azure in which the pool is to be.
        identity: The managed identity with which the nodes read Key Vault.
        vault: The Key Vault that holds the certificates.
        certificates: The certificates, each with its policy and its place on the nodes.
        pool: The pool: its size, image, extension and network.
        validation: How nodes are visited, and how long a certificate may lag behind Key Vault.
    """
    with pool_lease(target.pool_id(pool.name)):
        preflight(target, identity, vault, certificates, pool)
        changes = _ensure(target, identity, vault, certificates, pool)
        verdict = prove(target, pool.name, validation, changes)
    state = Completed if verdict.fine else Failed
    return state(message=in_one_line(verdict))


def _ensure(
    target: Target, identity: IdentitySpec, vault: VaultSpec, certificates: list[CertificateSpec], pool: PoolSpec
) -> list[Change]:
    """The design's graph: what the pool stands on, and only then the pool."""
    ground = lay_groundwork(target, identity, vault, certificates)
    made = ensure_pool(target, pool, certificates, identity=ground.identity, vault=ground.vault, access=ground.access)
    await_nodes(target, made, pool)
    return [*ground.changes, made.change]
