"""The drills of a pool: kept, read again, and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.drill.history import LONGEST, DrillRecord, Trend, from_rows, to_rows, trend, with_drill
from batchcert.drill.statistics import lag_statistics

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def drill(number: int, *lags: float, laggards: int = 0, exact_to: float = 1) -> DrillRecord:
    """The drill of the day *number*."""
    return DrillRecord(
        at=AT + timedelta(days=number),
        certificates=("v/web", "v/api"),
        nodes=len(lags) + laggards,
        laggards=laggards,
        lags=lag_statistics([timedelta(seconds=lag) for lag in lags]),
        exact_to=timedelta(seconds=exact_to),
    )


def test_what_is_kept_can_be_read_again() -> None:
    """Through JSON, as Prefect keeps it; the latest stands on top for a person."""
    served = replace(drill(3, 7), service_p95=timedelta(seconds=9))
    history = (drill(1, 3, 4.5), drill(2, laggards=2), served)
    rows = to_rows(history)
    assert [row["issued"] for row in rows] == ["2026-06-04T12:00:00Z", "2026-06-03T12:00:00Z", "2026-06-02T12:00:00Z"]
    assert rows[2]["median s"] == "3.75"
    assert from_rows(json.loads(json.dumps(rows))) == history


@pytest.mark.parametrize(
    "damage",
    [
        {"issued": "yesterday"},
        {"nodes": "many"},
        {"p95 s": ""},
        {"max s": "nan"},
        {"min s": "1e99"},
        {"arrivals": None},
    ],
)
def test_a_row_that_is_none_is_left_aside(damage: dict[str, object]) -> None:
    """Whoever wrote it; so is what is no row at all."""
    good, bad = to_rows([drill(1, 3), drill(2, 4)])
    missing = {name: value for name, value in bad.items() if name != "exact to s"}
    assert from_rows([good, bad | damage, missing, "text", None]) == (drill(2, 4),)


def test_a_history_has_an_end() -> None:
    """The oldest drills go."""
    history: tuple[DrillRecord, ...] = ()
    for number in range(LONGEST + 3):
        history = with_drill(history, drill(number, 1))
    assert (len(history), history[0].at, history[-1].at) == (
        LONGEST,
        AT + timedelta(days=3),
        AT + timedelta(days=LONGEST + 2),
    )


@pytest.mark.parametrize(
    ("before", "latest", "expected"),
    [
        ([], 50, Trend.FIRST),
        ([50], 50, Trend.STEADY),
        ([50], 62, Trend.STEADY),
        ([50], 63, Trend.SLOWER),
        ([50], 40, Trend.STEADY),
        ([50], 39, Trend.FASTER),
        ([50, 50, 500], 60, Trend.STEADY),
        ([500] * 10 + [50] * 10, 60, Trend.STEADY),
        ([500] + [50] * 9, 100, Trend.SLOWER),
        ([2], 3, Trend.STEADY),
    ],
)
def test_the_latest_against_those_before(before: list[float], latest: float, expected: Trend) -> None:
    """Against the median p95 of ten; what the time between looks could explain is no change."""
    history = [drill(number, lag) for number, lag in enumerate([*before, latest])]
    assert trend(history).trend is expected


def test_a_drill_that_measured_nothing_is_not_compared() -> None:
    """Nor does one before it count."""
    measured = [drill(1, 50), drill(2, laggards=3), drill(3, 100)]
    seen = trend(measured)
    assert (seen.trend, seen.usual, seen.drills) == (Trend.SLOWER, timedelta(seconds=50), 1)
    assert trend([*measured, drill(4, laggards=3)]).trend is Trend.FIRST
    assert trend([]).trend is Trend.FIRST


def test_a_coarse_drill_sees_no_fine_change() -> None:
    """The times between looks of both sides count."""
    history = [drill(1, 50), replace(drill(2, 100), exact_to=timedelta(seconds=60))]
    assert trend(history).trend is Trend.STEADY


def test_a_table_of_an_older_version_is_read() -> None:
    """It says nothing of services."""
    (row,) = to_rows([drill(1, 3)])
    del row["services p95 s"]
    assert from_rows([row]) == (drill(1, 3),)
