"""All certificates on all nodes, judged in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from batchcert.problems import Problem
from batchcert.spec import Channel
from batchcert.verdict.checks import row
from batchcert.verdict.disagreement import disagreement
from batchcert.verdict.evidence import UP, Evidence, Expected, NodeView, PoolView, Span
from batchcert.verdict.finding import Row, Verdict
from batchcert.visit.report import NodeReport


@dataclass(frozen=True)
class NodeVisit:
    """What came of visiting one node: a report or a failure, and what could not be cleaned up after it.

    *span* is when it was, by the service's time; *channel* the way in which the node was looked at.
    """

    node_id: str
    report: NodeReport | None = None
    failure: Problem | None = None
    left_behind: Problem | None = None
    span: Span | None = None
    channel: Channel = Channel.SSH


def to_be_visited(nodes: Iterable[NodeView]) -> list[NodeView]:
    """The nodes that can be visited now; the others are judged by what Batch says of them."""
    return [node for node in nodes if node.state in UP]


def judge_all(
    expected: Sequence[Expected],
    nodes: Sequence[NodeView],
    visits: Mapping[str, NodeVisit],
    *,
    tolerance: timedelta,
    now: datetime,
    pool: PoolView = PoolView(),  # noqa: B008 - frozen
    second: Mapping[str, NodeVisit] = MappingProxyType({}),
) -> tuple[Row, ...]:
    """A row for each certificate on each node. *visits* by node id; *now* is the service's time, UTC.

    *pool*: what of the pool itself bears on its nodes. *second*: what a second channel saw of them later: where the two
    disagree, the certificate is failed.
    """

    def evidence(certificate: Expected, node: NodeView, visit: NodeVisit | None) -> Evidence:
        seen = Evidence(certificate, node, tolerance, pool=pool)
        if visit is None:
            return seen
        visited, channel = visit.span, visit.channel
        return replace(seen, report=visit.report, failure=visit.failure, visited=visited, channel=channel)

    return tuple(
        _row(evidence(certificate, node, visits.get(node.node_id)), evidence(certificate, node, other), now)
        for node in nodes
        for other in (second.get(node.node_id),)
        for certificate in expected
    )


def _row(seen: Evidence, other: Evidence, now: datetime) -> Row:
    """The verdict by what the first channel saw, unless a second one disagrees; a node that leaves has none."""
    judged = row(seen, now)
    differ = disagreement(seen, other) if judged.finding.verdict is not Verdict.SKIPPED else None
    return replace(judged, finding=differ) if differ else judged
