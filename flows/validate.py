"""Validate a pool: is the certificate in Key Vault the one on every node?"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from batchcert.spec import RepairSpec, Target, ValidationSpec
from flows.proof import in_one_line, look, publish_proof
from flows.repairing import prune_expired, repair_stale
from tasks.lease import pool_lease


@flow(name="validate", flow_run_name="validate {pool} in {target.region}")
def validate(
    target: Target,
    pool: str,
    validation: ValidationSpec = ValidationSpec(),  # noqa: B008 - frozen
    repair: RepairSpec = RepairSpec(),  # noqa: B008 - frozen
) -> State[Any]:
    """Visit every node of a pool, over SSH or in another way, and compare its certificates with Key Vault.

    The run fails when any certificate on any node is anything but current, pending, reported or skipped, in the end;
    its report and table are written before.

    Args:
        target: The Azure in which the pool is.
        pool: The name of the pool.
        validation: How nodes are visited, and how long a certificate may lag behind Key Vault.
        repair: Whether nodes that are stale past that time are rebooted and reimaged, and whether expired files are
            removed. Off unless you choose it.
    """
    with pool_lease(target.pool_id(pool)):
        proof = repair_stale(target, look(target, pool, validation), validation, repair)
        proof = prune_expired(target, proof, validation, repair)
        verdict = publish_proof(target, proof)
    state = Completed if verdict.fine else Failed
    return state(message="; ".join(part for part in (in_one_line(verdict), str(proof.repairs), str(proof.old)) if part))
