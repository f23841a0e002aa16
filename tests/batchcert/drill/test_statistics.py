"""What many lags come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from batchcert.drill.statistics import lag_statistics


@pytest.mark.parametrize(
    ("lags", "expected"),
    [
        ([7], (1, 7, 7, 7, 7)),
        ([3, 1], (2, 1, 2, 3, 3)),
        ([5, 1, 3], (3, 1, 3, 5, 5)),
        (range(1, 21), (20, 1, 10.5, 19, 20)),
        (range(1, 101), (100, 1, 50.5, 95, 100)),
        ([2] * 19 + [90], (20, 2, 2, 2, 90)),
        ([2] * 18 + [80, 90], (20, 2, 2, 80, 90)),
    ],
)
def test_smallest_middle_usual_and_longest(lags: list[int], expected: tuple[float, ...]) -> None:
    """p95 is a lag that was measured: the smallest that 95 of 100 do not exceed."""
    found = lag_statistics([timedelta(seconds=lag) for lag in lags])
    assert found is not None
    spans = (found.shortest, found.median, found.p95, found.longest)
    assert (found.count, *(span.total_seconds() for span in spans)) == expected


def test_nothing_comes_to_nothing() -> None:
    """A drill whose version arrived nowhere has no statistics."""
    assert lag_statistics([]) is None
