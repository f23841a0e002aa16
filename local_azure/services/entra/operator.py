"""The service principal of whoever works with the embedded Azure."""

from __future__ import annotations

from local_azure.services.entra.principals import FederatedCredential, Principal
from local_azure.services.entra.workload import AUDIENCE, SUBJECT, Workload
from local_azure.settings import Settings
from local_azure.wire.messages import Caller


def operator(settings: Settings, workload: Workload) -> Principal:
    """The operator's application: it has a secret, a certificate, and trusts *workload*'s service account."""
    return Principal(
        Caller(settings.object_id, settings.client_id, settings.tenant),
        display_name="Embedded Azure operator",
        kind="Application",
        has_secret=True,
        federated=(FederatedCredential("local-azure", workload.issuer, SUBJECT, (AUDIENCE,)),),
    )
