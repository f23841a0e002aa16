"""A visit to every node of a pool, from Batch's list of them to what came of each; no Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from azure.batch import BatchClient

from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.spec import VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit, to_be_visited
from batchcert.visit.host_keys import output_unread, parse_host_keys
from batchcert.visit.parse import parse_answer
from batchcert.visit.script import visit_script
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import users
from tasks.azure_api.clients import Azure
from tasks.ssh.fan_out import visit_all
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Answer, Host

NODE_USER = "batchcert"  # the same in every run, so that one which an interrupted run left is taken over and removed
USER_LIFETIME = timedelta(days=1)  # Batch's shortest on Linux

Progress = Callable[[int, int], None]


def visit_pool(azure: Azure, watched: Watched, limits: VisitSpec, progress: Progress) -> Visited:
    """Visit every node that can be visited; what came of each, however it went, and the service's time at the end.

    A node that cannot be reached, or lies, is a failure of its own visit and of nothing else. *progress* is told, in
    the calling thread, how many visits are done and of how many: first of all 0, then at each one's end.
    """
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        nodes = batch_nodes.listed(api, watched.pool)
        found = _found(api, watched.pool, to_be_visited(nodes), limits)
        hosts = [host for host in found if isinstance(host, Host)]
        key, expires = EphemeralKey.generate(), azure.clock.now + USER_LIFETIME
        answers = visit_all(
            hosts,
            key,
            visit_script(watched.stores),
            limits,
            prepare=lambda host: users.put(
                api, watched.pool, host.node_id, host.user, public_key=key.public_line, expires=expires
            ),
            clean_up=lambda host: users.remove(api, watched.pool, host.node_id, host.user),
            on_answer=_counted(len(hosts), progress),
        )
        nodes = batch_nodes.listed(api, watched.pool)  # what a node says of itself may have changed meanwhile
    visits = [*(visit for visit in found if isinstance(visit, NodeVisit)), *map(_read, answers)]
    return Visited(tuple(nodes), tuple(visits), azure.clock.now)


def _found(api: BatchClient, pool: str, nodes: Iterable[NodeView], limits: VisitSpec) -> list[Host | NodeVisit]:
    """Where each node's SSH is and which host keys it has, or why that is not known."""

    def find(node: NodeView) -> Host | NodeVisit:
        try:
            keys = _host_keys(api, pool, node.node_id)
            login = batch_nodes.remote_login(api, pool, node.node_id)
        except Problem as problem:
            return NodeVisit(node.node_id, failure=problem)
        return Host(node.node_id, login.address, login.port, NODE_USER, keys)

    with ThreadPoolExecutor(limits.in_flight) as threads:
        return list(threads.map(find, nodes))


def _host_keys(api: BatchClient, pool: str, node: str) -> tuple[str, ...]:
    try:
        output = batch_nodes.read_file(api, pool, node, batch_nodes.START_TASK_OUTPUT)
    except Problem as refusal:
        raise output_unread(refusal, node=node) from None
    return parse_host_keys(output, node=node)


def _counted(total: int, progress: Progress) -> Callable[[Answer], None]:
    done = 0

    def on_answer(_: Answer) -> None:
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    return on_answer


def _read(answer: Answer) -> NodeVisit:
    if answer.failure:
        return NodeVisit(answer.node_id, failure=answer.failure, left_behind=answer.clean_up_failure)
    try:
        report = parse_answer(answer.output)
    except Problem as problem:
        return NodeVisit(answer.node_id, failure=problem, left_behind=answer.clean_up_failure)
    return NodeVisit(answer.node_id, report=report, left_behind=answer.clean_up_failure)
