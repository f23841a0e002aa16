"""The step that visits all nodes of a pool: one task, which fans out by itself.

It is called directly, in the flow's main thread: Prefect's cancellation reaches only there, and the users it made
must go whatever happens.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from batchcert.outcomes import Visited, Watched
from batchcert.render.groups import counted
from batchcert.spec import Target, VisitSpec
from tasks.artifacts import artifact_key
from tasks.connecting import connect
from tasks.visiting import Progress, visit_pool

_STEPS = 20  # of the progress that a run's page shows, however many the nodes


@task(name="visit", task_run_name="visit the nodes of {watched.pool}")
def visit_nodes(target: Target, watched: Watched, limits: VisitSpec) -> Visited:
    """Visit every node that can be visited; what came of each, however it went, and the service's time at the end.

    A node that cannot be reached, or lies, is a failure of its own visit and of nothing else.
    """
    visited = visit_pool(connect(target), watched, limits, _progress(target, watched.pool))
    for visit in visited.visits:
        if visit.left_behind:
            get_run_logger().warning("%s", visit.left_behind)
    return visited


def _progress(target: Target, pool: str) -> Progress:
    """Tells the run's log and its page how far the visits are."""
    artifact: UUID | None = None
    key = artifact_key("visits", target, pool)

    def tell(done: int, total: int) -> None:
        nonlocal artifact
        if artifact is None:
            get_run_logger().info("visiting %s of pool %s", counted(total, "node"), pool)
            made = create_progress_artifact(0.0, key, f"0 of {total} visits done")
            artifact = cast("UUID", made)  # async only in async code
        elif done == total or done % max(1, total // _STEPS) == 0:
            told = f"{done} of {total} visits done"
            update_progress_artifact(artifact, progress=100.0 * done / total, description=told)

    return tell
