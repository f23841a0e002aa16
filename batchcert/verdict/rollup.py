"""From certificates to nodes to the pool: the worst decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from batchcert.verdict.finding import Row, Verdict


@dataclass(frozen=True)
class NodeVerdict:
    """A node with its certificates, the worst first; its verdict is the worst one's."""

    node: str
    rows: tuple[Row, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the node's worst certificate."""
        return self.rows[0].finding.verdict


@dataclass(frozen=True)
class PoolVerdict:
    """A pool with its nodes, the worst first; its verdict is the worst one's."""

    nodes: tuple[NodeVerdict, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst node's verdict; *skipped* for a pool without nodes, of which nothing was proved."""
        return self.nodes[0].verdict if self.nodes else Verdict.SKIPPED

    @property
    def fine(self) -> bool:
        """Whether a validation passes: no certificate on any node is worse than *pending*."""
        return self.verdict.fine

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many nodes have each verdict, worst first; verdicts that no node has are left out."""
        counted = Counter(node.verdict for node in self.nodes)
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, the worst first."""
        return worst_first(row for node in self.nodes for row in node.rows)


def worst_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows by verdict, worst first, then by node and certificate."""
    return tuple(sorted(rows, key=lambda row: (row.finding.verdict.severity, row.node, row.certificate)))


def roll_up(rows: Iterable[Row]) -> PoolVerdict:
    """The pool that these rows are of."""
    by_node = sorted(rows, key=lambda row: row.node)
    nodes = [NodeVerdict(node, worst_first(group)) for node, group in groupby(by_node, lambda row: row.node)]
    return PoolVerdict(tuple(sorted(nodes, key=lambda node: (node.verdict.severity, node.node))))
