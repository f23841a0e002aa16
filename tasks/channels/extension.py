"""Looks at nodes through Batch's view of their extension: a status from each, and no certificate."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.spec import Channel, VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.extension_view import report_of
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api.server_time import ServiceClock
from tasks.channels.visitor import Progress, counted


class ExtensionVisitor:
    """Asks Batch for the extensions of each node; nothing is made, and nothing is run on the node."""

    channel = Channel.EXTENSION

    def __init__(self, api: BatchClient, clock: ServiceClock, pool: str, limits: VisitSpec) -> None:
        self._api = api
        self._clock = clock
        self._pool = pool
        self._threads = limits.in_flight

    def visit(self, nodes: Sequence[NodeView], progress: Progress) -> dict[str, NodeVisit]:
        """What the view tells of each node; of the node's own time it tells nothing."""
        on_end = counted(len(nodes), progress)
        visits = {}
        with ThreadPoolExecutor(self._threads) as threads:
            for visit in threads.map(self._ask, nodes):
                visits[visit.node_id] = visit
                on_end(visit)
        return visits

    def _ask(self, node: NodeView) -> NodeVisit:
        try:
            views = batch_nodes.extension_views(self._api, self._pool, node.node_id)
        except Problem as problem:
            return NodeVisit(node.node_id, failure=problem, channel=Channel.EXTENSION)
        report = report_of(views, seen_at=self._clock.now, since=node.booted_at)
        return NodeVisit(node.node_id, report, channel=Channel.EXTENSION)
