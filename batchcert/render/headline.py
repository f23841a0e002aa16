"""A run in one line: is the pool fine?"""

from __future__ import annotations

from batchcert.render.groups import counted
from batchcert.render.report import RunReport
from batchcert.verdict.finding import Verdict
from batchcert.verdict.rollup import PoolVerdict, roll_up

_MARKS = {True: "✔", False: "✘"}


def headline(report: RunReport) -> str:
    """Whether the pool is fine, and on how many nodes; only the pool's name where the run looked at no nodes."""
    if report.rows is None:
        return f"Pool {report.pool}"
    pool = roll_up(report.rows)
    if not pool.nodes:
        return f"Pool {report.pool} has no nodes: nothing was proved"
    return f"{_MARKS[pool.fine]} Pool {report.pool}{_told(pool)}"


def counts(pool: PoolVerdict) -> str:
    """How many nodes have which verdict, the worst first: "1 stale, 2 current"."""
    return ", ".join(f"{count} {verdict}" for verdict, count in pool.counts.items())


def _told(pool: PoolVerdict) -> str:
    total = len(pool.nodes)
    if not pool.fine:
        bad = sum(not node.verdict.fine for node in pool.nodes)
        return f": {bad} of {counted(total, 'node')} not fine"
    current = pool.counts.get(Verdict.CURRENT, 0)
    if current == total:
        return f" is fine: {counted(total, 'node')}, all current"
    return f" is fine so far: {current} of {counted(total, 'node')} current"
