"""A visit to every node of a pool, from Batch's list of them to what came of each; no Prefect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
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
from tasks.rounds import NODE_USER, Progress, Rounds

EXPLAINED_NODES = 20  # of how many broken nodes the guest agent is asked why

__all__ = ["NODE_USER", "Progress", "visit_pool"]


def visit_pool(
    azure: Azure, watched: Watched, limits: VisitSpec, progress: Progress, *, skip: Collection[str] = ()
) -> Visited:
    """Visit every node that can be visited; what came of each, however it went, and the service's time at the end.

    A node that cannot be reached, or lies, is a failure of its own visit and of nothing else. One that was reimaged
    after its host keys were read, by its times, is visited once more with its new keys. *progress* is told, in the
    calling thread, how many visits are done and of how many: first of all 0, then at each one's end. *skip*: the ids of
    nodes that are listed and not visited.
    """
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        rounds = Rounds(api, azure.clock, watched, limits)
        before = batch_nodes.listed(api, watched.pool)
        visits = rounds.visit([node for node in to_be_visited(before) if node.node_id not in skip], progress)
        nodes = batch_nodes.listed(api, watched.pool)  # what a node says of itself may have changed meanwhile
        if again := come_up_anew(before, nodes, _failures(visits)):
            visits |= rounds.visit(again, lambda *_: None)
            nodes = batch_nodes.listed(api, watched.pool)
        nodes = _explained(api, watched.pool, nodes)
    return Visited(tuple(nodes), tuple(visits.values()), azure.clock.now)


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
