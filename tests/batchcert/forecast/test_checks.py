"""What a forecast says, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.forecast.checks import forecast
from batchcert.forecast.outlook import Offer, Outlook, Prospect
from batchcert.forecast.risks import Risk
from batchcert.spec import Renewal, RenewalTrigger

DAYS, PERCENT = RenewalTrigger.DAYS_BEFORE_EXPIRY, RenewalTrigger.LIFETIME_PERCENTAGE
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC)  # 100 days
NOW = BEGIN + timedelta(days=10)
FIVE_MINUTES = timedelta(minutes=5)


def before(days: int) -> Renewal:
    """So many days before expiry."""
    return Renewal(trigger=DAYS, value=days)


def at_percent(percent: int) -> Renewal:
    """At this part of the lifetime."""
    return Renewal(trigger=PERCENT, value=percent)


GOOD = Prospect("v/c", "Self", before(30), mails=False, not_before=BEGIN, not_after=END)


def foretold(certificate: Prospect, *, polling: timedelta = FIVE_MINUTES, now: datetime = NOW) -> list[str]:
    """The codes of the warnings, the nearest first."""
    return [warning.code for warning in forecast(Outlook((certificate,), polling), now)]


@pytest.mark.parametrize(
    ("certificate", "codes"),
    [
        (GOOD, []),
        (replace(GOOD, issuer="DigiCert"), []),
        (replace(GOOD, mails=True), []),
        (replace(GOOD, issuer="Unknown"), ["issuer-cannot-renew"]),
        (replace(GOOD, issuer="unknown", renewal=None, mails=True), ["issuer-cannot-renew"]),
        (replace(GOOD, issuer="DigiCert", issuer_fault="it is disabled in the vault"), ["issuer-cannot-renew"]),
        (replace(GOOD, renewal=None, mails=True), ["email-contacts-only"]),
        (replace(GOOD, renewal=None), ["no-lifetime-action"]),
        (replace(GOOD, renewal=before(100)), ["renewal-trigger-out-of-range"]),
        (replace(GOOD, issuer="Unknown", renewal=before(2)), ["issuer-cannot-renew"]),
    ],
)
def test_whether_it_is_renewed_at_all(certificate: Prospect, codes: list[str]) -> None:
    """The first reason why not is enough; when it would be renewed does not matter then."""
    assert foretold(certificate) == codes


@pytest.mark.parametrize(
    ("renewal", "codes"),
    [
        (before(5), []),
        (before(4), ["renewal-trigger-late"]),
        (before(1), ["renewal-trigger-late"]),
        (at_percent(95), []),
        (at_percent(96), ["renewal-trigger-late"]),
    ],
)
def test_a_trigger_under_five_days_before_expiry(renewal: Renewal, codes: list[str]) -> None:
    """By days or by percents, of the version's own validity; five days are enough."""
    assert foretold(replace(GOOD, renewal=renewal)) == codes


@pytest.mark.parametrize(
    ("renewal", "polling", "codes"),
    [
        (before(30), timedelta(days=1), []),
        (before(30), timedelta(days=27), []),
        (before(30), timedelta(days=27, seconds=1), ["validity-too-short"]),
        (before(98), timedelta(days=2), []),
        (before(98), timedelta(days=2, seconds=1), ["validity-too-short"]),
        (before(5), timedelta(days=2), []),
        (before(5), timedelta(days=2, seconds=1), ["validity-too-short"]),
        (before(4), timedelta(days=4), ["renewal-trigger-late"]),
        (before(4), timedelta(days=4, seconds=1), ["renewal-trigger-late", "validity-too-short"]),
    ],
)
def test_a_validity_too_short_for_the_polling_interval(renewal: Renewal, polling: timedelta, codes: list[str]) -> None:
    """Both parts of a version's life outlast an interval; Key Vault's 72 hours go off where the trigger has room."""
    assert foretold(replace(GOOD, renewal=renewal), polling=polling, now=BEGIN) == codes


TRIGGER = END - timedelta(days=30)


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        (TRIGGER, []),
        (TRIGGER + timedelta(seconds=1), ["renewal-due"]),
        (TRIGGER + timedelta(hours=72), ["renewal-due"]),
        (TRIGGER + timedelta(hours=72, seconds=1), ["renewal-overdue"]),
        (END + timedelta(days=1), ["renewal-overdue"]),
    ],
)
def test_a_renewal_that_does_not_come(now: datetime, codes: list[str]) -> None:
    """Due from the trigger on, overdue once Key Vault's lag has passed, and still after the end."""
    assert foretold(GOOD, now=now) == codes


def test_what_became_of_the_request_is_told() -> None:
    """With when it was due, and what is left."""
    failed = replace(GOOD, request="failed: Locked: the account is locked")
    (warning,) = forecast(Outlook((failed,), FIVE_MINUTES), TRIGGER + timedelta(days=10))
    assert warning.message == (
        "due since 2026-03-12 00:00 UTC, 10 d ago; its request: failed: Locked: the account is locked; "
        "it ends on 2026-04-11, in 20 d"
    )
    assert (warning.subject, warning.due, warning.cure) == ("v/c", END, Risk.RENEWAL_OVERDUE.cure)


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        (None, None),
        (Offer("image a/b/c"), None),
        (Offer("image a/b/c", NOW + timedelta(days=180)), None),
        (Offer("image a/b/c", NOW + timedelta(days=179)), "Batch ends it on 2026-07-09, in 179 d"),
        (Offer("image a/b/c", NOW + timedelta(days=1), "A page"), "A page ends it on 2026-01-12, in 1 d"),
        (Offer("image a/b/c", NOW - timedelta(days=1)), "Batch ends it on 2026-01-10, which is past"),
        (Offer("image a/b/c", gone=True), "Batch does not offer it any more"),
    ],
)
@pytest.mark.parametrize(("kind", "risk"), [("image", Risk.IMAGE_RETIRING), ("size", Risk.SIZE_RETIRING)])
def test_an_image_or_a_size_that_ends_within_180_days(offer: Offer | None, told: str | None, kind: str, risk: Risk):
    """Who says so, and when; nothing where it is further off, or not known."""
    found = forecast(Outlook(**{kind: offer}), NOW)
    assert [(warning.code, warning.message) for warning in found] == ([(risk.value, told)] if told else [])


def test_the_nearest_comes_first() -> None:
    """Whatever it is about."""
    later = replace(GOOD, label="v/later", renewal=None)
    sooner = replace(GOOD, label="v/sooner", renewal=None, not_after=END - timedelta(days=1))
    seen = Outlook((later, sooner), FIVE_MINUTES, size=Offer("size s", NOW + timedelta(days=3)))
    assert [warning.subject for warning in forecast(seen, NOW)] == ["size s", "v/sooner", "v/later"]


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (GOOD, TRIGGER),
        (replace(GOOD, renewal=at_percent(50)), BEGIN + timedelta(days=50)),
        (replace(GOOD, renewal=None), None),
        (replace(GOOD, issuer="Unknown"), None),
        (replace(GOOD, renewal=before(100)), None),
    ],
)
def test_the_next_renewal(certificate: Prospect, expected: datetime | None) -> None:
    """From policy and version; none where Key Vault does not renew by itself."""
    assert certificate.renews_at == expected


@pytest.mark.parametrize("risk", Risk)
def test_each_risk_has_a_cause_and_a_cure(risk: Risk) -> None:
    """In words that fit into a line."""
    assert 20 < len(risk.cause) < 120
    assert 20 < len(risk.cure) < 120
