"""The drills of a pool, one after the other: kept as a table that a person can read, and read again by the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from batchcert.drill.statistics import LagStatistics, middle
from batchcert.verdict.words import iso

LONGEST = 100
"""So many drills a table keeps."""

COMPARED = 10
"""With so many drills before it the latest is compared."""

_MARKED = 1.25
"""From this ratio on a change is no chance."""


class Trend(StrEnum):
    """How the latest drill compares with those before it."""

    FIRST = "first"
    STEADY = "steady"
    SLOWER = "slower"
    FASTER = "faster"


@dataclass(frozen=True)
class DrillRecord:
    """One drill.

    Attributes:
        at: when its versions were issued, UTC.
        certificates: what was issued, vault/certificate each.
        nodes: how many nodes it was about, of which *laggards* did not get everything in time.
        lags: from Key Vault to the nodes, or None where nothing arrived.
        service_p95: from Key Vault to the services, p95; None where nothing was to be served, or was.
        exact_to: the time between two looks, within which each lag is known.
    """

    at: datetime
    certificates: tuple[str, ...]
    nodes: int
    laggards: int
    lags: LagStatistics | None
    exact_to: timedelta
    service_p95: timedelta | None = None


@dataclass(frozen=True)
class Comparison:
    """The latest drill's p95 against the usual one: the median of those before it. Both None where there is none."""

    trend: Trend
    latest: timedelta | None = None
    usual: timedelta | None = None
    drills: int = 0


def with_drill(history: Iterable[DrillRecord], drill: DrillRecord) -> tuple[DrillRecord, ...]:
    """The history with one more drill, the oldest first, without those that are too long ago."""
    return tuple(sorted([*history, drill], key=lambda one: one.at)[-LONGEST:])


def trend(history: Sequence[DrillRecord]) -> Comparison:
    """How the latest drill compares with the ten before it that have measured anything.

    A difference that the time between two looks could explain is none.
    """
    measured = [one for one in history if one.lags]
    if not history or history[-1].lags is None or len(measured) < 2:
        return Comparison(Trend.FIRST, latest=history[-1].lags.p95 if history and history[-1].lags else None)
    before = [one.lags.p95 for one in measured[-COMPARED - 1 : -1] if one.lags]
    latest, usual = history[-1].lags.p95, middle(before)
    exact_to = max(one.exact_to for one in measured[-COMPARED - 1 :])
    return Comparison(_compared(latest, usual, exact_to), latest, usual, len(before))


def to_rows(history: Iterable[DrillRecord]) -> list[dict[str, str]]:
    """A row for each drill, the latest first; fit for a table artifact."""
    return [_row(drill) for drill in sorted(history, key=lambda one: one.at, reverse=True)]


def from_rows(rows: Iterable[object]) -> tuple[DrillRecord, ...]:
    """The drills that `to_rows` made these rows of, the oldest first; a row that is none is left aside."""
    found = [drill for row in rows if isinstance(row, Mapping) and (drill := _drill(row))]
    return tuple(sorted(found, key=lambda one: one.at))


def _compared(latest: timedelta, usual: timedelta, exact_to: timedelta) -> Trend:
    if abs(latest - usual) <= exact_to:
        return Trend.STEADY
    if latest > usual * _MARKED:
        return Trend.SLOWER
    return Trend.FASTER if latest * _MARKED < usual else Trend.STEADY


def _row(drill: DrillRecord) -> dict[str, str]:
    lags = drill.lags
    measured = (lags.shortest, lags.median, lags.p95, lags.longest) if lags else (None,) * 4
    return {
        "issued": iso(drill.at),
        "nodes": str(drill.nodes),
        "laggards": str(drill.laggards),
        **dict(zip(_LAGS, map(_seconds, measured), strict=True)),
        _SERVICES: _seconds(drill.service_p95),
        "arrivals": str(lags.count if lags else 0),
        "exact to s": _seconds(drill.exact_to),
        "certificates": " ".join(drill.certificates),
    }


_LAGS = ("min s", "median s", "p95 s", "max s")
_SERVICES = "services p95 s"


def _drill(row: Mapping[str, object]) -> DrillRecord | None:
    try:
        at = datetime.fromisoformat(str(row["issued"])).astimezone(UTC)
        served = str(row.get(_SERVICES) or "")  # a table that an older version wrote has none
        count, measured = int(str(row["arrivals"])), [str(row[name]) for name in _LAGS]
        return DrillRecord(
            at=at,
            certificates=tuple(str(row["certificates"]).split()),
            nodes=int(str(row["nodes"])),
            laggards=int(str(row["laggards"])),
            lags=LagStatistics(count, *map(_span, measured)) if count else None,
            exact_to=_span(str(row["exact to s"])),
            service_p95=_span(served) if served else None,
        )
    except (KeyError, ValueError, OverflowError):
        return None


def _seconds(span: timedelta | None) -> str:
    return "" if span is None else f"{span.total_seconds():g}"


def _span(seconds: str) -> timedelta:
    return timedelta(seconds=float(seconds))
