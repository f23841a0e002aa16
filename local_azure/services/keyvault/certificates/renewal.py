"""When a certificate renews itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from local_azure.services.keyvault.certificates.bundles import leaf
from local_azure.services.keyvault.policies.policy import LifetimeAction
from local_azure.services.keyvault.state import Certificate


def renewal_due(not_before: datetime, expires: datetime, action: LifetimeAction) -> datetime:
    """When *action* falls due for a version of this validity, in UTC.

    Key Vault may start up to 72 hours later; here it is on time. Source: Key Vault certificates REST, Trigger
    (days before expiry, or a percentage of the lifetime).
    """
    if action.days_before_expiry is not None:
        return expires - timedelta(days=action.days_before_expiry)
    return not_before + (expires - not_before) * (action.lifetime_percentage or 0) / 100


def next_renewal(certificate: Certificate) -> datetime | None:
    """When the current version renews itself, or None where it never does."""
    action, current = certificate.policy.renewal, certificate.current
    if action is None or current is None:
        return None
    shown = leaf(current)
    return renewal_due(shown.not_before, shown.expires, action)
