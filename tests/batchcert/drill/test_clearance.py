"""When a drill may start, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from batchcert.drill.clearance import LastValidation, chosen, clearance, is_open, last_validation
from batchcert.forecast.outlook import Prospect
from batchcert.render.table import node_rows
from batchcert.spec import DEFAULT_STORE, DrillSpec, Renewal, Weekday, WindowSpec
from batchcert.verdict.evidence import Expected
from batchcert.verdict.finding import Finding, Row, Verdict

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday
CLEAN = {"current": 3}


def refusals(validation: LastValidation | None, spec: DrillSpec = DrillSpec()) -> list[str]:  # noqa: B008 - frozen
    """The codes of what speaks against a drill now."""
    return [problem.code for problem in clearance("p", validation, spec, now=NOW, local=NOW)]


@pytest.mark.parametrize(
    ("ago", "verdicts", "codes"),
    [
        (timedelta(minutes=5), CLEAN, []),
        (timedelta(minutes=5), {"current": 2, "skipped": 1}, []),
        (timedelta(minutes=120), CLEAN, []),
        (timedelta(minutes=121), CLEAN, ["drill-validation-too-old"]),
        (timedelta(minutes=5), {"current": 2, "pending": 1}, ["drill-validation-not-clean"]),
        (timedelta(minutes=5), {"current": 2, "unreachable": 1}, ["drill-validation-not-clean"]),
        (timedelta(minutes=5), {"reported": 3}, ["drill-validation-not-clean"]),
        (timedelta(minutes=5), {"skipped": 2}, ["drill-validation-not-clean"]),
        (timedelta(days=1), {"stale": 1}, ["drill-validation-not-clean", "drill-validation-too-old"]),
    ],
)
def test_the_last_validation_is_recent_and_clean(ago: timedelta, verdicts: dict[str, int], codes: list[str]) -> None:
    """Current on every node, or skipped; all that speaks against it is told at once."""
    assert refusals(LastValidation(NOW - ago, verdicts)) == codes


def test_a_pool_that_nobody_has_looked_at() -> None:
    """Nothing is known of it."""
    assert refusals(None) == ["drill-not-validated"]


def test_what_was_found_is_told() -> None:
    """By numbers, and when."""
    seen = LastValidation(NOW - timedelta(minutes=5), {"current": 1, "stale": 2, "failed": 1})
    (problem,) = clearance("p", seen, DrillSpec(), now=NOW, local=NOW)
    assert problem.what == "pool p: the last validation, 2026-06-01 11:55 UTC, found 2 stale, 1 failed"


def test_outside_of_its_window() -> None:
    """Told beside the rest, with the time and the window."""
    spec = DrillSpec(window=WindowSpec(days=[Weekday.TUESDAY], from_hour=9, to_hour=17))
    assert refusals(None, spec) == ["drill-not-validated", "drill-outside-window"]
    (problem,) = clearance("p", LastValidation(NOW, CLEAN), spec, now=NOW, local=NOW)
    assert problem.what == "pool p: it is Monday 12:00; drills start Tuesday from 9:00 to 17:00 Etc/UTC"


@pytest.mark.parametrize(
    ("window", "local", "expected"),
    [
        (WindowSpec(), "2026-06-01T00:00", True),
        (WindowSpec(from_hour=9, to_hour=17), "2026-06-01T08:59", False),
        (WindowSpec(from_hour=9, to_hour=17), "2026-06-01T09:00", True),
        (WindowSpec(from_hour=9, to_hour=17), "2026-06-01T16:59", True),
        (WindowSpec(from_hour=9, to_hour=17), "2026-06-01T17:00", False),
        (WindowSpec(days=[Weekday.MONDAY]), "2026-06-01T12:00", True),
        (WindowSpec(days=[Weekday.SUNDAY]), "2026-06-01T12:00", False),
        (WindowSpec(days=[Weekday.SUNDAY], from_hour=22, to_hour=4), "2026-06-01T03:59", True),
        (WindowSpec(days=[Weekday.SUNDAY], from_hour=22, to_hour=4), "2026-06-01T04:00", False),
        (WindowSpec(days=[Weekday.MONDAY], from_hour=22, to_hour=4), "2026-06-01T03:59", False),
        (WindowSpec(days=[Weekday.MONDAY], from_hour=22, to_hour=4), "2026-06-01T23:00", True),
        (WindowSpec(from_hour=9, to_hour=9), "2026-06-01T08:00", True),
    ],
)
def test_a_window_is_open_or_not(window: WindowSpec, local: str, expected: bool) -> None:
    """From its first hour to before its last; one over midnight belongs to the day on which it begins."""
    assert is_open(window, datetime.fromisoformat(local)) is expected


def test_a_window_has_hours_of_its_own_time_zone() -> None:
    """Whoever calls translates; here it is 5 in the morning."""
    local = NOW.astimezone(ZoneInfo("America/Los_Angeles"))
    assert not is_open(WindowSpec(from_hour=9, to_hour=17), local)


def expected(name: str, pinned: str = "") -> Expected:
    """A certificate that the pool observes."""
    return Expected("v", name, DEFAULT_STORE, "", pinned, "1", "a" * 64, NOW, NOW, NOW + timedelta(days=365))


def prospect(name: str, issuer: str = "Self", fault: str = "") -> Prospect:
    """How it is renewed."""
    renewal = Renewal()
    return Prospect(f"v/{name}", issuer, renewal, False, NOW, NOW + timedelta(days=365), issuer_fault=fault)


@pytest.mark.parametrize(
    ("named", "labels", "codes"),
    [
        ([], ["v/web", "v/api"], []),
        (["Web"], ["v/web"], []),
        (["web", "wbe"], ["v/web"], ["drill-certificate-not-observed"]),
    ],
)
def test_which_certificates(named: list[str], labels: list[str], codes: list[str]) -> None:
    """All that the pool observes, or those that are named, whatever their case."""
    pairs = [expected("web"), expected("api")], [prospect("web"), prospect("api")]
    certificates, problems = chosen(DrillSpec(certificates=named), *pairs)
    assert ([one.label for one in certificates], [problem.code for problem in problems]) == (labels, codes)


@pytest.mark.parametrize(
    ("certificate", "renewed", "code"),
    [
        (expected("web"), prospect("web", "DigiCert"), ""),
        (expected("web"), prospect("web", "Unknown"), "drill-not-renewable"),
        (expected("web"), prospect("web", "DigiCert", "it is disabled in the vault"), "drill-not-renewable"),
        (expected("web", "8f5f"), prospect("web"), "drill-certificate-pinned"),
    ],
)
def test_a_certificate_that_cannot_take_part(certificate: Expected, renewed: Prospect, code: str) -> None:
    """Key Vault issues it by itself, and the nodes fetch what it issues; else nothing is issued."""
    _, problems = chosen(DrillSpec(), [certificate], [renewed])
    assert [problem.code for problem in problems] == ([code] if code else [])


def test_the_last_validation_is_read_from_its_table() -> None:
    """From the rows that a validation leaves, by their verdicts and the time they were given."""
    rows = [Row("n", f"v/{one}", Finding(one, "reason", "message")) for one in (Verdict.CURRENT, Verdict.STALE)]
    seen = last_validation(node_rows(rows, NOW))
    assert seen == LastValidation(NOW, {"current": 1, "stale": 1})


@pytest.mark.parametrize("rows", [[], ["text"], [{"verdict": "current"}], [{"verdict": "current", "validated": "?"}]])
def test_a_table_that_is_none_says_nothing(rows: list[object]) -> None:
    """Also one of an older version, which did not say when it was."""
    assert last_validation(rows) is None
