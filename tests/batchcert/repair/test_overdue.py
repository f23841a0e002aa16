"""Which nodes are stale past their grace, and when that is not the nodes' fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batchcert.problems import Problem
from batchcert.repair.overdue import Overdue, majority_stale, overdue
from batchcert.spec import DEFAULT_STORE
from batchcert.verdict.causes import Cause
from batchcert.verdict.defects import Defect
from batchcert.verdict.evidence import Expected, PoolView
from batchcert.verdict.finding import Finding, Row
from batchcert.verdict.reasons import Reason

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOLERANCE = timedelta(minutes=15)
STALE = Reason.ROTATION_OVERDUE.finding("old")
CURRENT = Reason.CURRENT.finding("well")
EXPIRED = Reason.LEAF_EXPIRED.finding("expired")
FORBIDDEN = Cause.VAULT_FORBIDDEN.finding("403")


def expected(name: str = "c", ago: timedelta = timedelta(hours=2)) -> Expected:
    """A certificate whose current version was issued so long ago."""
    issued, ends = NOW - ago, NOW + timedelta(days=365)
    return Expected("v", name, DEFAULT_STORE, "", "", "1", "a" * 64, issued, issued, ends)


def rows(*findings: Finding, certificate: str = "v/c") -> list[Row]:
    """A node for each finding: n0, n1..."""
    return [Row(f"n{number}", certificate, finding) for number, finding in enumerate(findings)]


def behind(found: list[Row], *known: Expected) -> tuple[Overdue, ...]:
    return overdue(found, known or (expected(),), tolerance=TOLERANCE, now=NOW)


@pytest.mark.parametrize(
    ("finding", "is_behind"),
    [
        (STALE, True),
        (EXPIRED, True),
        (Reason.LEAF_EXPIRED.finding("the extension says 403", cause="no access"), False),
        (Reason.VERSION_EXPIRED.finding("Key Vault itself"), False),
        (Reason.PINNED_VERSION.finding("pinned"), False),
        (Reason.ROTATION_PENDING.finding("a minute ago"), False),
        (Reason.FILE_MISSING.finding("none"), False),
        (FORBIDDEN, False),
        (Reason.EXTENSION_REPORTS_SUCCESS.finding("nobody looked"), False),
        (Reason.CHANNELS_DISAGREE.finding("one of the two"), False),
        (CURRENT, False),
    ],
    ids=lambda value: value.reason if isinstance(value, Finding) else "",
)
def test_what_a_new_start_may_help(finding: Finding, is_behind: bool) -> None:
    """An extension that does not do its work and does not say why; whatever else is wrong has another cure."""
    assert bool(behind(rows(finding))) is is_behind


def test_a_leaf_that_expired_while_its_successor_is_new_has_its_time() -> None:
    """Polling interval and grace count from when the version was issued."""
    assert behind(rows(EXPIRED), expected(ago=TOLERANCE)) == ()
    assert behind(rows(EXPIRED), expected(ago=TOLERANCE + timedelta(seconds=1))) != ()


def test_a_node_with_several_certificates_is_one_node() -> None:
    """The version that was issued last counts: what was booted before it has not been tried for it."""
    found = [*rows(STALE), *rows(STALE, certificate="v/d"), *rows(CURRENT, certificate="v/e")]
    known = (expected(), expected("d", timedelta(days=9)), expected("e"))
    assert behind(found, *known) == (Overdue("n0", ("v/c", "v/d"), NOW - timedelta(hours=2)),)


NOT_UP = Reason.NODE_STARTING.finding("booting")
GONE = Reason.NODE_LEAVING.finding("leaving")
DEFECT = Defect.KEY_OPEN.finding("open")


@pytest.mark.parametrize(
    ("findings", "is_majority"),
    [
        ((STALE, CURRENT, CURRENT), False),
        ((STALE, CURRENT), False),
        ((STALE, STALE, CURRENT, CURRENT), False),
        ((STALE, STALE, CURRENT), True),
        ((STALE,), True),
        ((STALE, NOT_UP, GONE), True),
        ((STALE, DEFECT), True),
        ((STALE, FORBIDDEN, CURRENT), True),
        ((STALE, FORBIDDEN, CURRENT, CURRENT), False),
        ((FORBIDDEN, FORBIDDEN), False),
    ],
    ids=[
        "1 of 3",
        "half",
        "2 of 4",
        "2 of 3",
        "the only one",
        "the only one that proves anything",
        "none proves that the vault can be read",
        "extensions that fail count",
        "extensions that fail, not most",
        "nothing stale",
    ],
)
def test_most_nodes_do_not_break_by_themselves(findings: tuple[Finding, ...], is_majority: bool) -> None:
    """More than half of the nodes that prove anything: those that are stale or fail, and those that are current."""
    found = rows(*findings)
    assert (majority_stale(found, behind(found), PoolView()) is not None) is is_majority


FAULT = Problem("client-id-of-another", what="msiClientId is another's", cause="copied", cure="leave it out")


@pytest.mark.parametrize(
    ("findings", "pool", "cause", "cure"),
    [
        ((STALE, STALE), PoolView(), "the identity may not any more", "may read the vault's secrets"),
        ((STALE, FORBIDDEN), PoolView(), FORBIDDEN.cause, FORBIDDEN.cure),
        ((STALE, STALE), PoolView(faults=(FAULT,)), "msiClientId is another's: copied", "leave it out"),
    ],
    ids=["nobody says why", "an extension says why", "the pool's body shows why"],
)
def test_it_names_the_nearest_cause(findings: tuple[Finding, ...], pool: PoolView, cause: str, cure: str) -> None:
    """One line with the cause and the cure."""
    found = rows(*findings)
    problem = majority_stale(found, behind(found), pool)
    assert problem is not None
    assert problem.code == "repair-majority-stale"
    assert problem.what == "nodes that do not get v/c: 2 of 2"
    assert cause in problem.cause
    assert cure in problem.cure
