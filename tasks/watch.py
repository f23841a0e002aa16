"""The step that finds out what a pool's nodes should have: the pool's own settings, and what Key Vault holds now."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task

from batchcert.outcomes import Watched
from batchcert.spec import ServiceSpec, Target
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass
from tasks.watching import watched_of


@task(
    name="watch",
    task_run_name="what pool {pool} should have",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def read_watched(target: Target, pool: str, services: Sequence[ServiceSpec] = ()) -> Watched:
    """Which certificates the pool's extension observes, and the current version of each in Key Vault.

    *services*: what uses them, beyond what the pool knows by itself.

    Raises: Problem, see `tasks.watching.watched_of`.
    """
    return watched_of(connect(target), target, pool, services)
