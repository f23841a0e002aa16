"""Which nodes are stale past their grace, and whether that is the nodes' fault at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from batchcert.problems import Problem
from batchcert.repair.whys import Why
from batchcert.verdict.causes import Cause
from batchcert.verdict.evidence import Expected, PoolView
from batchcert.verdict.finding import Finding, Row, Verdict
from batchcert.verdict.reasons import Reason
from batchcert.visit.text import one_line

_EXTENSION_FAILS = frozenset(
    {*(cause.value for cause in Cause if cause is not Cause.IMAGE_GONE), Reason.EXTENSION_ERROR, Reason.EXTENSION_STUCK}
)


@dataclass(frozen=True)
class Overdue:
    """A node that is stale past its grace.

    *certificates*: the labels of those that it has an older version of. *issued_at*: when the newest of the versions
    that it lacks was issued, UTC.
    """

    node: str
    certificates: tuple[str, ...]
    issued_at: datetime


def overdue(
    rows: Sequence[Row], expected: Sequence[Expected], *, tolerance: timedelta, now: datetime
) -> tuple[Overdue, ...]:
    """The nodes that are stale past their grace, by id. *tolerance*: how long a node may lag; *now*: by the service.

    A leaf that has expired in the meantime is a stale one, too, unless the extension tells why it gets no new one.
    """
    issued = {certificate.label: certificate.issued_at for certificate in expected}

    def behind(row: Row) -> bool:
        since = issued.get(row.certificate)
        return since is not None and _stale(row.finding) and now - since > tolerance

    found = sorted((row for row in rows if behind(row)), key=lambda row: row.node)
    by_node = ((node, [row.certificate for row in group]) for node, group in groupby(found, lambda row: row.node))
    return tuple(Overdue(node, tuple(lacks), max(issued[label] for label in lacks)) for node, lacks in by_node)


def majority_stale(rows: Sequence[Row], behind: Sequence[Overdue], pool: PoolView) -> Problem | None:
    """Why no node is to be touched, where most of those of which it is known are behind; None where they are not.

    Known is what a node with all certificates current proves, and what one proves that is stale, or whose extension
    fails. Nodes that are coming up, leaving or out of reach prove nothing.
    """
    if not behind:
        return None
    verdicts = _by_node(rows)
    failing = {row.node for row in rows if row.finding.reason in _EXTENSION_FAILS}
    bad = failing | {node.node for node in behind}
    good = {node for node, all_of_it in verdicts.items() if all_of_it == {Verdict.CURRENT}}
    if 2 * len(bad) <= len(bad) + len(good):
        return None
    labels = sorted({label for node in behind for label in node.certificates})
    cause, cure = _nearest(rows, pool)
    return Problem(
        Why.MAJORITY_STALE.value,
        what=f"nodes that do not get {', '.join(labels)}: {len(bad)} of {len(bad) + len(good)}",
        cause=cause,
        cure=cure,
    )


def _stale(finding: Finding) -> bool:
    if finding.reason == Reason.LEAF_EXPIRED:
        return finding.cause == Reason.LEAF_EXPIRED.cause
    return finding.reason == Reason.ROTATION_OVERDUE


def _by_node(rows: Sequence[Row]) -> Mapping[str, set[Verdict]]:
    verdicts: dict[str, set[Verdict]] = {}
    for row in rows:
        verdicts.setdefault(row.node, set()).add(row.finding.verdict)
    return verdicts


def _nearest(rows: Sequence[Row], pool: PoolView) -> tuple[str, str]:
    """The cause that a node's extension names, or the pool's own body shows; else that of the whole."""
    told = next((row.finding for row in rows if row.finding.reason in _EXTENSION_FAILS), None)
    if told:
        return told.cause, told.cure
    if pool.faults:
        return one_line(f"{pool.faults[0].what}: {pool.faults[0].cause}"), pool.faults[0].cure
    return Why.MAJORITY_STALE.cause, Why.MAJORITY_STALE.cure
