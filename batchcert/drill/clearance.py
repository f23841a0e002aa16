"""Whether a drill may start: a fresh and clean validation, the window, certificates that Key Vault can issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from batchcert.forecast.outlook import Prospect
from batchcert.problems import Problem
from batchcert.spec import DrillSpec
from batchcert.spec.drill import Weekday, WindowSpec
from batchcert.verdict.evidence import Expected
from batchcert.verdict.finding import Verdict
from batchcert.verdict.words import lasting, moment

CLEAN = frozenset({Verdict.CURRENT.value, Verdict.SKIPPED.value})


@dataclass(frozen=True)
class LastValidation:
    """What the pool's last validation has left: when it was, UTC, and how many rows of its table have which verdict."""

    at: datetime
    verdicts: Mapping[str, int]


def last_validation(rows: Iterable[object]) -> LastValidation | None:
    """The validation that has left this table of nodes, or None where it is none."""
    known = [row for row in rows if isinstance(row, Mapping)]
    try:
        at = min(datetime.fromisoformat(str(row["validated"])).astimezone(UTC) for row in known)
        return LastValidation(at, Counter(str(row["verdict"]) for row in known))
    except (KeyError, ValueError):
        return None


def clearance(
    pool: str, validation: LastValidation | None, spec: DrillSpec, *, now: datetime, local: datetime
) -> Iterator[Problem]:
    """What speaks against a drill now. *now*: the service's time; *local*: the same in the window's time zone."""
    yield from _validated(pool, validation, timedelta(minutes=spec.validated_within_minutes), now)
    if not is_open(spec.window, local):
        yield Problem(
            "drill-outside-window",
            what=f"pool {pool}: it is {local:%A %H:%M}; drills start {spec.window}",
            cause="the drill's window keeps new versions from being issued while nobody looks",
            cure="run it again inside of the window, or change drill.window",
        )


def is_open(window: WindowSpec, local: datetime) -> bool:
    """Whether a drill may start at *local*, in the window's time zone. Past midnight the day before counts."""
    hour, day = local.hour, local
    if window.to_hour <= window.from_hour and hour < window.to_hour:
        hour, day = hour + 24, local - timedelta(days=1)
    end = window.to_hour if window.to_hour > window.from_hour else window.to_hour + 24
    on_a_day = not window.days or list(Weekday)[day.weekday()] in window.days
    return on_a_day and window.from_hour <= hour < end


def chosen(
    spec: DrillSpec, expected: Sequence[Expected], prospects: Sequence[Prospect]
) -> tuple[tuple[Expected, ...], list[Problem]]:
    """The certificates that the drill is about, and what speaks against any of them.

    *prospects*: how each of *expected* is renewed, in the same order.
    """
    wanted = {name.lower() for name in spec.certificates}
    pairs = [pair for pair in zip(expected, prospects, strict=True) if not wanted or pair[0].name.lower() in wanted]
    found = {one.name.lower() for one, _ in pairs}
    problems = [_not_observed(name, expected) for name in spec.certificates if name.lower() not in found]
    problems += [problem for pair in pairs if (problem := _unfit(*pair))]
    return tuple(one for one, _ in pairs), problems


def _validated(pool: str, seen: LastValidation | None, within: timedelta, now: datetime) -> Iterator[Problem]:
    if seen is None:
        yield Problem(
            "drill-not-validated",
            what=f"pool {pool} has no validation on record",
            cause="a drill measures a pool that is known to be fine, and nobody has looked",
            cure="run validate for the pool, then the drill",
        )
        return
    unclean = {verdict: count for verdict, count in seen.verdicts.items() if verdict not in CLEAN}
    if unclean or not seen.verdicts.get(Verdict.CURRENT):
        told = ", ".join(f"{count} {verdict}" for verdict, count in unclean.items()) or "nothing was current"
        yield Problem(
            "drill-validation-not-clean",
            what=f"pool {pool}: the last validation, {moment(seen.at)}, found {told}",
            cause="a node that is not current now would not get the next version either, or not yet",
            cure="mend what that validation's report names, run validate again, then the drill",
        )
    if now - seen.at > within:
        yield Problem(
            "drill-validation-too-old",
            what=f"pool {pool}: the last validation was {lasting(now - seen.at)} ago; {lasting(within)} are allowed",
            cause="what was true of the nodes then may not be true now",
            cure="run validate for the pool, then the drill; or raise drill.validated_within_minutes",
        )


def _not_observed(name: str, expected: Sequence[Expected]) -> Problem:
    known = ", ".join(one.name for one in expected)
    return Problem(
        "drill-certificate-not-observed",
        what=f"drill.certificates: the pool does not observe {name}, but {known}",
        cause="a drill follows a version to the pool's nodes, and they would never fetch this one",
        cure=f"name one of {known}, or none for all of them",
    )


def _unfit(expected: Expected, prospect: Prospect) -> Problem | None:
    if expected.pinned_version:
        return Problem(
            "drill-certificate-pinned",
            what=f"{expected.label}: the pool's settings name one version of it",
            cause="no node would ever fetch another one, and all would be stale at once",
            cure="create the pool with the versionless secret id, https://VAULT/secrets/NAME",
        )
    if prospect.imported or prospect.issuer_fault:
        why = prospect.issuer_fault or "its versions come from outside"
        return Problem(
            "drill-not-renewable",
            what=f"{expected.label}: its issuer is {prospect.issuer}: {why}",
            cause="batchcert issues only what Key Vault renews by itself: issuer Self, or an enabled one of the vault",
            cure="name other certificates in drill.certificates, or import a version by hand and run validate",
        )
    return None
