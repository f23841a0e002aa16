"""A visit to every node of a pool, from Batch's list of them to what came of each; no Prefect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from azure.batch import BatchClient

from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.spec import VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.host_key import come_up_anew
from batchcert.verdict.judging import NodeVisit, to_be_visited
from batchcert.verdict.node import BROKEN
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api.clients import Azure
from tasks.channels.leftovers import without_jobs
from tasks.channels.looking import Looking
from tasks.channels.ssh import NODE_USER
from tasks.channels.visitor import Progress

EXPLAINED_NODES = 20  # of how many broken nodes the guest agent is asked why

__all__ = ["NODE_USER", "Progress", "visit_pool", "visit_some"]


def visit_pool(
    azure: Azure, watched: Watched, limits: VisitSpec, progress: Progress, *, skip: Collection[str] = ()
) -> Visited:
    """Look at every node that can be looked at; what came of each, however it went, and the service's time at the end.

    *limits* say through which channel, and whether a second one looks, too. A node that cannot be reached, or lies, is
    a failure of its own visit and of nothing else. One that was reimaged after its host keys were read, by its times,
    is visited once more with its new keys. *progress* is told, in the calling thread, how many visits are done and of
    how many: first of all 0, then at each one's end. *skip*: the ids of nodes that are listed and not visited.
    """
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        without_jobs(api, watched.pool)
        before = batch_nodes.listed(api, watched.pool)
        wanted = [node for node in to_be_visited(before) if node.node_id not in skip]
        looking = Looking(azure, api, watched, limits)
        visits = looking.visit(wanted, progress)
        nodes = batch_nodes.listed(api, watched.pool)  # what a node says of itself may have changed meanwhile
        if again := come_up_anew(before, nodes, _failures(visits)):
            visits |= looking.visit(again, lambda *_: None)
        second = looking.cross_check(wanted, visits)
        if again or second:
            nodes = batch_nodes.listed(api, watched.pool)
        nodes = _explained(api, watched.pool, nodes)
    return _visited(nodes, visits, second, looking, azure.clock.now)


def visit_some(
    azure: Azure, watched: Watched, nodes: Collection[str], limits: VisitSpec, *, before: str = ""
) -> Visited:
    """Look at these *nodes* of the pool alone, in the same way; those that it has no more are missing in the answer.

    *before*: a script that prints nothing, to be run on each node ahead of the visit's.
    """
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        listed = [node for node in batch_nodes.listed(api, watched.pool) if node.node_id in nodes]
        looking = Looking(azure, api, watched, limits, before=before)
        wanted = to_be_visited(listed)
        visits = looking.visit(wanted, lambda *_: None)
        second = looking.cross_check(wanted, visits)
    return _visited(listed, visits, second, looking, azure.clock.now)


def _visited(
    nodes: Sequence[NodeView],
    visits: Mapping[str, NodeVisit],
    second: Mapping[str, NodeVisit],
    looking: Looking,
    now: datetime,
) -> Visited:
    return Visited(tuple(nodes), tuple(visits.values()), now, tuple(second.values()), looking.looked)


def _failures(visits: Mapping[str, NodeVisit]) -> dict[str, Problem | None]:
    return {node: visit.failure for node, visit in visits.items()}


def _explained(api: BatchClient, pool: str, nodes: Sequence[NodeView]) -> list[NodeView]:
    """The nodes, the broken ones with what their guest agents say; one that says nothing explains nothing."""
    broken = [node.node_id for node in nodes if node.state in BROKEN]
    told = {node: tuple(_told(api, pool, node)) for node in islice(broken, EXPLAINED_NODES)}
    return [replace(node, extensions=told.get(node.node_id, ())) for node in nodes]


def _told(api: BatchClient, pool: str, node: str) -> Iterator[str]:
    try:
        for fault in batch_nodes.extension_faults(api, pool, node):
            yield f"{fault.extension}: {fault.message}"
    except Problem:
        return
