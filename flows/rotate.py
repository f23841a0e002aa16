"""Rotate now: issue a new version, and show how long it takes to every node."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from batchcert.render.drill import lag_words
from batchcert.spec import DrillSpec, Target, ValidationSpec
from flows.proof import in_one_line, prove
from tasks.drill.awaiting import await_rotation
from tasks.drill.clearance import clear_for_drill
from tasks.drill.issuing import issue_version
from tasks.drill.report import publish_drill
from tasks.lease import pool_lease
from tasks.watch import read_watched


@flow(name="rotate", flow_run_name="rotate the certificates of {pool} in {target.region}")
def rotate(
    target: Target,
    pool: str,
    drill: DrillSpec = DrillSpec(),  # noqa: B008 - frozen
    validation: ValidationSpec = ValidationSpec(),  # noqa: B008 - frozen
) -> State[Any]:
    """Issue a new version of a pool's certificates now, and measure how long it takes to every node.

    It starts only where the last validation of the pool is recent and clean, and inside of the drill's window. The
    run fails when a node has not got a version in time, or when the validation that follows is not fine; its report
    names the laggards, and is written before.

    Args:
        target: The Azure in which the pool is.
        pool: The name of the pool.
        drill: What is issued, how long the nodes get, and when a drill may start.
        validation: How nodes are visited, and how long a certificate may lag behind Key Vault.
    """
    with pool_lease(target.pool_id(pool)):
        known = read_watched(target, pool, validation.services)
        certificates = clear_for_drill(target, known, drill, validation.visit)
        issued = tuple(issue_version(target, certificate) for certificate in certificates)
        watched = read_watched(target, pool, validation.services)
        rollout = await_rotation(target, watched, issued, drill, validation)
        verdict = prove(target, pool, validation)
        publish_drill(target, watched, rollout, verdict.rows, drill, validation)
    state = Completed if verdict.fine and not rollout.laggards else Failed
    return state(message=f"{lag_words(rollout)}; {in_one_line(verdict)}")
