"""The check on a node's clock, against the service's."""

from __future__ import annotations

from datetime import datetime, timedelta

from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Evidence
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import leaf_of
from batchcert.verdict.words import lasting

TOLERATED = timedelta(minutes=5)
"""What Microsoft's own libraries allow between two clocks when they judge a token's times."""


def clock_off(seen: Evidence, _now: datetime) -> Finding | None:
    """The node's clock is beyond what is tolerated, whenever during its visit it was read."""
    skew = skew_of(seen)
    if seen.report is None or skew is None or abs(skew) <= TOLERATED:
        return None
    where = "ahead of" if skew > timedelta(0) else "behind"
    return Defect.CLOCK_OFF.finding(
        f"the node's clock is {lasting(abs(skew))} {where} Azure's{_leaf_by(seen, seen.report.node_time)}"
    )


def skew_of(seen: Evidence) -> timedelta | None:
    """How far the node's clock was ahead at the least, negative where it was behind; None where nobody can tell.

    The node was asked at some moment of a span: no skew is told of a time within it.
    """
    if seen.report is None or seen.visited is None:
        return None
    time, (begin, end) = seen.report.node_time, seen.visited
    return time - min(max(time, begin), end)


def _leaf_by(seen: Evidence, node_time: datetime) -> str:
    leaf = leaf_of(seen)
    if leaf is None or leaf.not_before <= node_time <= leaf.not_after:
        return ""
    return f"; by it, the leaf {'is not valid yet' if node_time < leaf.not_before else 'has expired'}"
