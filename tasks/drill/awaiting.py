"""The step that follows a new version to every node.

A task by itself, called directly, as the visits are: what it makes on nodes must go whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from batchcert.drill.rollout import Issued, Rollout
from batchcert.outcomes import Watched
from batchcert.render.drill import laggards_named
from batchcert.spec import DrillSpec, Target, ValidationSpec
from tasks.artifacts import artifact_key
from tasks.connecting import connect
from tasks.drill.following import follow, limit_of, look_at


@task(name="rotation", task_run_name="wait until the nodes of {watched.pool} have it")
def await_rotation(
    target: Target, watched: Watched, issued: tuple[Issued, ...], drill: DrillSpec, validation: ValidationSpec
) -> Rollout:
    """Visit the nodes again and again until each has what was issued, or until their time is over."""
    look = look_at(connect(target), watched, validation.visit)
    limit = limit_of(drill, watched, validation)
    tell = _progress(target, watched.pool)
    return follow(look, Rollout(issued), tell, limit=limit, pause=drill.look_seconds)


def _progress(target: Target, pool: str) -> Callable[[Rollout], None]:
    """Tells the run's page of each look, and its log of those that have seen something arrive."""
    log = get_run_logger()
    key = artifact_key("rotation", target, pool)
    artifact = cast("UUID", create_progress_artifact(0.0, key, f"pool {pool}: issued"))  # async only in async code
    arrived = -1

    def tell(rollout: Rollout) -> None:
        nonlocal arrived
        missing = f"; missing on {laggards_named(rollout)}" if rollout.waiting else ""
        update_progress_artifact(artifact, progress=rollout.percent, description=f"pool {pool}: {rollout}{missing}")
        if len(rollout.arrivals) != arrived:
            arrived = len(rollout.arrivals)
            log.info("pool %s: %s%s", pool, rollout, missing)

    return tell
