"""The step that removes expired files from nodes, and sees what is left by the visit that it is part of."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import Visited, Watched
from batchcert.repair.old_files import OldFile
from batchcert.repair.pruning import prune_script
from batchcert.spec import Target, VisitSpec
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass
from tasks.visiting import visit_some


@task(
    name="prune",
    task_run_name="remove expired files from nodes of {watched.pool}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def prune_files(target: Target, watched: Watched, files: Sequence[OldFile], limits: VisitSpec) -> Visited:
    """Remove *files* from their nodes, and visit these in the same go; what came of each, however it went.

    A file that is not as it was seen any more, or to which a link leads now, stays. Called directly, in the flow's main
    thread, as `tasks.visit.visit_nodes` is.
    """
    wanted = {file.node for file in files}
    get_run_logger().info("removing %d expired files from %d nodes", len(files), len(wanted))
    return visit_some(connect(target), watched, wanted, limits, before=prune_script(files))
