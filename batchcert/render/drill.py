"""The report of a rotation drill as Markdown: did every node get it, how long did it take, and is that usual?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchcert.drill.history import DrillRecord, Trend, trend
from batchcert.drill.rollout import Rollout, Stage
from batchcert.drill.statistics import LagStatistics, lag_statistics
from batchcert.render.groups import counted, grouped
from batchcert.render.markdown import group_block
from batchcert.render.nodes import short_node
from batchcert.render.plot import arrivals_svg, embedded, history_svg
from batchcert.render.safe import code, prose
from batchcert.verdict.finding import Row
from batchcert.verdict.words import day, lasting, moment, short

_NAMED = 5
_TABLED = 10
_TREND_WORDS = {Trend.STEADY: "as usual", Trend.SLOWER: "**slower** than usual", Trend.FASTER: "faster than usual"}


@dataclass(frozen=True)
class DrillReport:
    """All that the report of a drill shows.

    Attributes:
        pool, place: as in `RunReport`.
        rollout: what was issued, and where it has come to.
        limit: how long the nodes got.
        exact_to: the time between two looks.
        rows: the verdicts of the validation that followed.
        history: the drills of this pool, this one last.
        pages: as in `RunReport`.
    """

    pool: str
    place: str
    ran_at: datetime
    rollout: Rollout
    limit: timedelta
    exact_to: timedelta
    rows: Sequence[Row]
    history: Sequence[DrillRecord]
    pages: str = ""


def drill_headline(report: DrillReport) -> str:
    """The drill in one line: did every node get what was issued?"""
    rollout = report.rollout
    if not rollout.nodes:
        return f"Drill on pool {report.pool}: it has no nodes, so nothing was measured"
    if rollout.laggards:
        late, all_of_them = len(rollout.laggards), counted(rollout.nodes, "node")
        return f"✘ Drill on pool {report.pool}: {late} of {all_of_them} without it after {lasting(report.limit)}"
    served = rollout.lags(Stage.SERVICE)
    verb = ("serves" if served else "has") if rollout.nodes == 1 else ("serve" if served else "have")
    nodes = f"its node {verb} it" if rollout.nodes == 1 else f"all {rollout.nodes} nodes {verb} it"
    return f"✔ Drill on pool {report.pool}: {nodes}, the last after {lasting(max(served or rollout.lags(Stage.NODE)))}"


def lag_words(rollout: Rollout) -> str:
    """What was measured, in one line; where there are laggards, who they are."""
    if rollout.laggards:
        return f"{len(rollout.laggards)} of {counted(rollout.nodes, 'node')} without it: {laggards_named(rollout)}"
    measured = {stage: found for stage in Stage if (found := lag_statistics(rollout.lags(stage)))}
    told = [
        f"Key Vault to {stage}: median {lasting(found.median)}, p95 {lasting(found.p95)}, max {lasting(found.longest)}"
        for stage, found in measured.items()
    ]
    return "; ".join(told) or "nothing was measured"


def laggards_named(rollout: Rollout) -> str:
    """The nodes that did not get it in time, by their short names; "" where there are none."""
    more = len(rollout.laggards) - _NAMED
    named = ", ".join(short_node(node) for node in rollout.laggards[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def drill_markdown(report: DrillReport) -> str:
    """The whole report."""
    parts = [
        f"# {prose(drill_headline(report))}",
        f"in {prose(report.place)}, {moment(report.ran_at)}",
        *_usual(report.history),
        *_laggards(report),
        *_lags(report),
        *_issued(report.rollout),
        *_past(report.history),
    ]
    return "\n\n".join(parts) + "\n"


def _usual(history: Sequence[DrillRecord]) -> Iterator[str]:
    seen = trend(history)
    if seen.latest is None:
        return
    if seen.usual is None:
        yield "The first drill that has measured anything: nothing to compare it with yet."
        return
    before = "the drill before" if seen.drills == 1 else f"the median of the {seen.drills} drills before"
    yield f"p95 {lasting(seen.latest)}: {_TREND_WORDS[seen.trend]}; {before} took {lasting(seen.usual)}."


def _laggards(report: DrillReport) -> Iterator[str]:
    """Each node that is late, with what the validation that followed says of it."""
    waiting = {(holding.node, holding.certificate) for holding in report.rollout.waiting}
    rows = [row for row in report.rows if (row.node, row.certificate) in waiting]
    if not waiting:
        return
    yield "## Laggards"
    yield f"After {lasting(report.limit)} without what was issued: {code(laggards_named(report.rollout))}"
    yield from (group_block(group, report.pages) for group in grouped(rows))


def _lags(report: DrillReport) -> Iterator[str]:
    rollout = report.rollout
    measured = {stage: found for stage in Stage if (found := lag_statistics(rollout.lags(stage)))}
    for stage, found in measured.items():
        marks = [("median", found.median), ("p95", found.p95), ("max", found.longest)]
        picture = arrivals_svg(rollout.lags(stage), rollout.total_of(stage), marks)
        yield f"## From Key Vault to the {stage}"
        yield embedded(picture, f"arrivals over time, median {lasting(found.median)}, max {lasting(found.longest)}")
    if measured:
        yield "\n".join(
            [
                "| from Key Vault to | arrivals | min | median | p95 | max |",
                "| --- | --- | --- | --- | --- | --- |",
                *(f"| the {stage} | {found.count} | {_numbers(found)} |" for stage, found in measured.items()),
            ]
        )
        yield (
            f"Nodes without it are visited every {lasting(report.exact_to)}, and a time counts up to the visit that "
            "saw it: no node was slower than its time says, and one may have been faster by that interval."
        )


def _numbers(found: LagStatistics) -> str:
    return " | ".join(map(lasting, (found.shortest, found.median, found.p95, found.longest)))


def _issued(rollout: Rollout) -> Iterator[str]:
    yield "## What was issued"
    yield "\n".join(
        [
            "| Certificate | Version | SHA-256 | Issued |",
            "| --- | --- | --- | --- |",
            *(
                f"| {code(one.label)} | {code(one.version[:8])} | {code(short(one.sha256))} | {moment(one.issued_at)} |"
                for one in rollout.issued
            ),
        ]
    )


def _past(history: Sequence[DrillRecord]) -> Iterator[str]:
    measured = [one.lags.p95 for one in history if one.lags]
    if len(measured) < 2:
        return
    yield "## The drills so far"
    yield embedded(history_svg(measured), f"p95 of {len(measured)} drills, the latest {lasting(measured[-1])}")
    yield "\n".join(
        [
            "| Issued | nodes | without it | median | p95 | max |",
            "| --- | --- | --- | --- | --- | --- |",
            *map(_line, sorted(history, key=lambda one: one.at, reverse=True)[:_TABLED]),
        ]
    )


def _line(drill: DrillRecord) -> str:
    lags = drill.lags
    measured = map(lasting, (lags.median, lags.p95, lags.longest)) if lags else ("-",) * 3
    return f"| {day(drill.at)} | {drill.nodes} | {drill.laggards} | {' | '.join(measured)} |"
