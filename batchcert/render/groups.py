"""Rows that share verdict and reason, told as one: a thousand nodes with one fault are one thing to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from batchcert.render.nodes import with_short_node
from batchcert.verdict.finding import Finding, Row, Verdict
from batchcert.verdict.reasons import Reason
from batchcert.verdict.rollup import worst_first


@dataclass(frozen=True)
class Group:
    """Rows of one verdict and reason, by node and certificate; there is at least one."""

    rows: tuple[Row, ...]

    @property
    def finding(self) -> Finding:
        """The first row's finding, to stand for all."""
        return self.rows[0].finding

    @property
    def verdict(self) -> Verdict:
        """Their verdict."""
        return self.finding.verdict

    @property
    def seen(self) -> str:
        """The first row's message, to stand for all."""
        return with_short_node(self.finding.message, self.rows[0].node)

    @property
    def alike(self) -> str:
        """What to say behind the first row's message where the others' differ."""
        return "" if len({row.finding.message for row in self.rows}) == 1 else " (and the like)"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Their nodes, each once."""
        return tuple(dict.fromkeys(row.node for row in self.rows))

    @property
    def certificates(self) -> tuple[str, ...]:
        """Their certificates, each once."""
        return tuple(dict.fromkeys(row.certificate for row in self.rows))


def grouped(rows: Iterable[Row]) -> tuple[Group, ...]:
    """The groups, the worst first; rows that are simply current need no telling and are left out."""
    groups: dict[tuple[Verdict, str], list[Row]] = {}
    for row in worst_first(rows):
        if row.finding.reason != Reason.CURRENT:
            groups.setdefault((row.finding.verdict, row.finding.reason), []).append(row)
    return tuple(Group(tuple(members)) for members in groups.values())


def counted(count: int, noun: str) -> str:
    """1 node, 2 nodes."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
