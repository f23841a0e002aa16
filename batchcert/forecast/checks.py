"""What a forecast looks for, as lists of pure questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from batchcert.forecast.limits import RENEWAL_LAG, SAFE_MARGIN, SOON
from batchcert.forecast.outlook import Offer, Outlook, Prospect
from batchcert.forecast.risks import Forewarning, Risk
from batchcert.problems import Problem
from batchcert.verdict.renewal import renewal_time
from batchcert.verdict.words import day, lasting, moment

Check = Callable[[Prospect, timedelta, datetime], Forewarning | None]


def forecast(seen: Outlook, now: datetime) -> tuple[Forewarning, ...]:
    """Every warning, the nearest first. *now* is the service's time, UTC."""
    found = [*_of_certificates(seen, now), *_of_machines(seen, now)]
    return tuple(sorted(found, key=lambda warning: (warning.due, warning.subject, warning.code)))


def issuer_cannot_renew(seen: Prospect, _polling: timedelta, now: datetime) -> Forewarning | None:
    """Its versions come from outside, or from an issuer that is not there."""
    if seen.imported:
        why = "its issuer is Unknown: its versions come from outside"
    elif seen.issuer_fault:
        why = f"its issuer is {seen.issuer}: {seen.issuer_fault}"
    else:
        return None
    return Risk.ISSUER_CANNOT_RENEW.forewarning(seen.label, f"{why}; {_end(seen, now)}", seen.not_after)


def email_contacts_only(seen: Prospect, _polling: timedelta, now: datetime) -> Forewarning | None:
    """Somebody is told, and nothing is renewed."""
    if seen.renewal is not None or not seen.mails:
        return None
    return Risk.EMAIL_CONTACTS_ONLY.forewarning(seen.label, f"nothing renews it; {_end(seen, now)}", seen.not_after)


def no_lifetime_action(seen: Prospect, _polling: timedelta, now: datetime) -> Forewarning | None:
    """Nothing happens at all."""
    if seen.renewal is not None or seen.mails:
        return None
    return Risk.NO_LIFETIME_ACTION.forewarning(seen.label, f"nothing renews it; {_end(seen, now)}", seen.not_after)


def trigger_out_of_range(seen: Prospect, _polling: timedelta, _now: datetime) -> Forewarning | None:
    """A trigger that the version's validity has no room for."""
    if seen.renewal is None:
        return None
    try:
        renewal_time(seen.not_before, seen.not_after, seen.renewal)
    except Problem as problem:
        return Forewarning(problem.code, seen.label, problem.what, problem.cause, problem.cure, seen.not_after)
    return None


def overdue(seen: Prospect, _polling: timedelta, now: datetime) -> Forewarning | None:
    """The trigger has passed, and there is no new version: the current one would have a trigger of its own."""
    trigger = seen.renews_at
    if trigger is None or now <= trigger:
        return None
    risk = Risk.RENEWAL_OVERDUE if now - trigger > RENEWAL_LAG else Risk.RENEWAL_DUE
    request = f"; its request: {seen.request}" if seen.request else ""
    message = f"due since {moment(trigger)}, {lasting(now - trigger)} ago{request}; {_end(seen, now)}"
    return risk.forewarning(seen.label, message, seen.not_after)


def trigger_late(seen: Prospect, _polling: timedelta, _now: datetime) -> Forewarning | None:
    """Key Vault's own lag could outlast the certificate."""
    trigger = seen.renews_at
    if trigger is None or seen.not_after - trigger >= SAFE_MARGIN:
        return None
    message = f"renews on {day(trigger)}, {lasting(seen.not_after - trigger)} before it ends on {day(seen.not_after)}"
    return Risk.TRIGGER_LATE.forewarning(seen.label, message, trigger)


def validity_too_short(seen: Prospect, polling: timedelta, _now: datetime) -> Forewarning | None:
    """The nodes do not look often enough for a certificate that lives so short.

    A version must outlast a polling interval before its renewal, so that every node gets it, and after it, so that
    every node gets the next one. Key Vault's lag counts where the trigger leaves room for it; `trigger_late` tells
    where it does not.
    """
    trigger = seen.renews_at
    if trigger is None:
        return None
    before, after = trigger - seen.not_before, seen.not_after - trigger
    if min(before, after - RENEWAL_LAG if after >= SAFE_MARGIN else after) >= polling:
        return None
    message = (
        f"a version is valid for {lasting(before + after)} and is renewed {lasting(after)} before its end; "
        f"a node looks every {lasting(polling)}"
    )
    return Risk.VALIDITY_TOO_SHORT.forewarning(seen.label, message, trigger)


WHETHER: tuple[Check, ...] = (issuer_cannot_renew, email_contacts_only, no_lifetime_action, trigger_out_of_range)
"""Is it renewed at all? The first to speak is enough."""

WHEN: tuple[Check, ...] = (overdue, trigger_late, validity_too_short)
"""Is it renewed in time? Each for itself, where it is renewed at all."""


def _of_certificates(seen: Outlook, now: datetime) -> Iterator[Forewarning]:
    for certificate in seen.certificates:
        never = next((found for check in WHETHER if (found := check(certificate, seen.polling, now))), None)
        if never:
            yield never
            continue
        yield from (found for check in WHEN if (found := check(certificate, seen.polling, now)))


def _of_machines(seen: Outlook, now: datetime) -> Iterator[Forewarning]:
    for offer, risk in ((seen.image, Risk.IMAGE_RETIRING), (seen.size, Risk.SIZE_RETIRING)):
        if offer and (message := _retirement(offer, now)):
            yield risk.forewarning(offer.name, message, offer.ends or now)


def _retirement(offer: Offer, now: datetime) -> str:
    """What is to be said of the end of *offer*, or "" where it is far away."""
    if offer.gone:
        return "Batch does not offer it any more"
    if offer.ends is None or offer.ends - now >= SOON:
        return ""
    when = f"in {lasting(offer.ends - now)}" if offer.ends > now else "which is past"
    return f"{offer.told_by} ends it on {day(offer.ends)}, {when}"


def _end(seen: Prospect, now: datetime) -> str:
    if seen.not_after <= now:
        return f"it ended on {day(seen.not_after)}"
    return f"it ends on {day(seen.not_after)}, in {lasting(seen.not_after - now)}"
