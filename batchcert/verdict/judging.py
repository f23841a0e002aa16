"""All certificates on all nodes, judged in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchcert.problems import Problem
from batchcert.verdict.checks import row
from batchcert.verdict.evidence import UP, Evidence, Expected, NodeView, PoolView, Span
from batchcert.verdict.finding import Row
from batchcert.visit.report import NodeReport


@dataclass(frozen=True)
class NodeVisit:
    """What came of visiting one node: a report or a failure, and what could not be cleaned up after it.

    *span* is when it was, by the service's time.
    """

    node_id: str
    report: NodeReport | None = None
    failure: Problem | None = None
    left_behind: Problem | None = None
    span: Span | None = None


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
) -> tuple[Row, ...]:
    """A row for each certificate on each node. *visits* by node id; *now* is the service's time, UTC.

    *pool*: what of the pool itself bears on its nodes.
    """
    return tuple(
        row(
            Evidence(
                expected=certificate,
                node=node,
                tolerance=tolerance,
                report=visit.report if visit else None,
                failure=visit.failure if visit else None,
                pool=pool,
                visited=visit.span if visit else None,
            ),
            now,
        )
        for node in nodes
        for visit in (visits.get(node.node_id),)
        for certificate in expected
    )
