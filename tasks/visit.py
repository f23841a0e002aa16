"""The step that visits all nodes of a pool: one task, which fans out by itself.

It is called directly, in the flow's main thread: Prefect's cancellation reaches only there, and the users it made
must go whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast
from uuid import UUID

from azure.batch import BatchClient
from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.spec import Target, VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit, to_be_visited
from batchcert.visit.host_keys import parse_host_keys
from batchcert.visit.parse import parse_answer
from batchcert.visit.script import visit_script
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import users
from tasks.connecting import connect
from tasks.ssh.fan_out import visit_all
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Answer, Host

NODE_USER = "batchcert"  # the same in every run, so that one which an interrupted run left is taken over and removed
USER_LIFETIME = timedelta(days=1)  # Batch's shortest on Linux


@task(name="visit", task_run_name="visit the nodes of {watched.pool}")
def visit_nodes(target: Target, watched: Watched, limits: VisitSpec) -> Visited:
    """Visit every node that can be visited; what came of each, however it went, and the service's time at the end.

    A node that cannot be reached, or lies, is a failure of its own visit and of nothing else.
    """
    azure, log = connect(target), get_run_logger()
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        nodes = batch_nodes.listed(api, watched.pool)
        found = _found(api, watched.pool, to_be_visited(nodes), limits)
        hosts = [host for host in found if isinstance(host, Host)]
        key = EphemeralKey.generate()
        expires = azure.clock.now + USER_LIFETIME
        log.info("visiting %d of %d nodes", len(hosts), len(nodes))
        answers = visit_all(
            hosts,
            key,
            visit_script(watched.stores),
            limits,
            prepare=lambda host: users.put(
                api, watched.pool, host.node_id, host.user, public_key=key.public_line, expires=expires
            ),
            clean_up=lambda host: users.remove(api, watched.pool, host.node_id, host.user),
            on_answer=_progress(len(hosts)),
        )
        nodes = batch_nodes.listed(api, watched.pool)  # what a node says of itself may have changed meanwhile
    visits = [*(visit for visit in found if isinstance(visit, NodeVisit)), *map(_read, answers)]
    for visit in visits:
        if visit.left_behind:
            log.warning("%s", visit.left_behind)
    return Visited(tuple(nodes), tuple(visits), azure.clock.now)


def _found(api: BatchClient, pool: str, nodes: Iterable[NodeView], limits: VisitSpec) -> list[Host | NodeVisit]:
    """Where each node's SSH is and which host keys it has, or why that is not known."""

    def find(node: NodeView) -> Host | NodeVisit:
        try:
            keys = parse_host_keys(
                batch_nodes.read_file(api, pool, node.node_id, batch_nodes.START_TASK_OUTPUT), node=node.node_id
            )
            login = batch_nodes.remote_login(api, pool, node.node_id)
        except Problem as problem:
            return NodeVisit(node.node_id, failure=problem)
        return Host(node.node_id, login.address, login.port, NODE_USER, keys)

    with ThreadPoolExecutor(limits.in_flight) as threads:
        return list(threads.map(find, nodes))


def _read(answer: Answer) -> NodeVisit:
    if answer.failure:
        return NodeVisit(answer.node_id, failure=answer.failure, left_behind=answer.clean_up_failure)
    try:
        report = parse_answer(answer.output)
    except Problem as problem:
        return NodeVisit(answer.node_id, failure=problem, left_behind=answer.clean_up_failure)
    return NodeVisit(answer.node_id, report=report, left_behind=answer.clean_up_failure)


def _progress(total: int) -> Callable[[Answer], None]:
    """Tells the run's page how far the visits are, at every twentieth of them."""
    artifact = cast("UUID", create_progress_artifact(progress=0.0, description=f"visiting {total} nodes"))
    done = 0

    def told(answer: Answer) -> None:
        nonlocal done
        del answer
        done += 1
        if done == total or done % max(1, total // 20) == 0:
            update_progress_artifact(artifact, progress=100.0 * done / total)

    return told
