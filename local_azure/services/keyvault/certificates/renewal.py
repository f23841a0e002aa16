"""When a certificate's lifetime action falls due."""

from __future__ import annotations

from datetime import datetime, timedelta

from local_azure.services.keyvault.certificates.bundles import leaf
from local_azure.services.keyvault.policies.policy import LifetimeAction
from local_azure.services.keyvault.state.certificates import Certificate


def renewal_due(not_before: datetime, expires: datetime, action: LifetimeAction) -> datetime:
    """When *action* falls due for a version of this validity, in UTC.

    Source: Key Vault certificates REST, Trigger (days before expiry, or a percentage of the lifetime).
    """
    if action.days_before_expiry is not None:
        return expires - timedelta(days=action.days_before_expiry)
    return not_before + (expires - not_before) * (action.lifetime_percentage or 0) / 100


def next_action(certificate: Certificate) -> tuple[LifetimeAction, datetime] | None:
    """What is done by itself about the current version, and when; None where nothing ever is."""
    action, current = certificate.policy.action, certificate.current
    if action is None or current is None:
        return None
    shown = leaf(current)
    return action, renewal_due(shown.not_before, shown.expires, action)
