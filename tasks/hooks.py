"""The step that puts commands for new versions on nodes, where the pool's own start task does not."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.logging import get_run_logger

from batchcert.outcomes import Watched
from batchcert.problems import Problem
from batchcert.render.groups import counted
from batchcert.spec import Target, VisitSpec
from tasks.connecting import connect
from tasks.hooking import Hooked, put_hooks


@task(name="hooks", task_run_name="put commands for new versions on nodes of {watched.pool}")
def hook_up(target: Target, watched: Watched, nodes: Sequence[str], limits: VisitSpec) -> Hooked:
    """Put the commands on *nodes*; what fails is told in the log, and by the verdicts of the visit that follows.

    Called directly, in the flow's main thread, as `tasks.visit.visit_nodes` is: its job must go whatever happens.
    """
    log = get_run_logger()
    try:
        hooked = put_hooks(connect(target), watched, nodes, limits)
    except Problem as problem:
        hooked = Hooked((), (problem,))
    log.info("commands for new versions were put on %s", counted(len(hooked.nodes), "node"))
    for failure in hooked.failures:
        log.warning("%s", failure)
    return hooked
