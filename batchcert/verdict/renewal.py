"""When Key Vault renews a certificate by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from batchcert.problems import Problem
from batchcert.spec import Renewal, RenewalTrigger


def renewal_time(not_before: datetime, not_after: datetime, renewal: Renewal) -> datetime:
    """When Key Vault starts to renew the version with this validity, UTC; the service may lag by 72 hours.

    *renewal*: whole days before expiry, fewer than the lifetime has, or a percentage of the lifetime, 1 to 99.

    Raises: Problem `renewal-trigger-out-of-range`, naming the accepted range.
    Source: Key Vault certificates REST, lifetime_actions: Trigger.
    """
    lifetime = not_after - not_before
    by_days = renewal.trigger is RenewalTrigger.DAYS_BEFORE_EXPIRY
    highest = (lifetime - timedelta(seconds=1)).days if by_days else 99
    if not 1 <= renewal.value <= highest:
        raise Problem(
            "renewal-trigger-out-of-range",
            what=f"{renewal.trigger} is {renewal.value}, where 1 to {highest} is possible",
            cause=f"the certificate is valid for {lifetime.days} days, and would be renewed before it begins or never",
            cure="choose a renewal that falls inside the certificate's validity",
        )
    if by_days:
        return not_after - timedelta(days=renewal.value)
    return not_before + lifetime * renewal.value / 100
