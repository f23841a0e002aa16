"""What many lags come to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

USUAL_SHARE = 0.95


@dataclass(frozen=True)
class LagStatistics:
    """The lags of one stage of a drill; there was at least one.

    *p95* is the smallest lag that 95 of 100 did not exceed: one that was measured, never one between two (nearest
    rank).
    """

    count: int
    shortest: timedelta
    median: timedelta
    p95: timedelta
    longest: timedelta


def lag_statistics(lags: Sequence[timedelta]) -> LagStatistics | None:
    """The statistics of *lags*, or None where there are none."""
    if not lags:
        return None
    ordered = sorted(lags)
    return LagStatistics(
        count=len(ordered),
        shortest=ordered[0],
        median=middle(ordered),
        p95=ordered[math.ceil(USUAL_SHARE * len(ordered)) - 1],
        longest=ordered[-1],
    )


def middle(spans: Sequence[timedelta]) -> timedelta:
    """The median of *spans*, of which there is at least one."""
    return timedelta(seconds=median(span.total_seconds() for span in spans))
