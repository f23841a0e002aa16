"""Who can sign in: service principals, and the credentials that others issue for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_azure.wire.messages import Caller


@dataclass(frozen=True)
class FederatedCredential:
    """Trust in a token of somebody else's: *issuer* and *subject* are compared exactly, case included.

    Source: "Workload identity federation" on Microsoft Learn.
    """

    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]


@dataclass(frozen=True)
class Principal:
    """A service principal of the tenant.

    Attributes:
        caller: what its tokens name.
        kind: `Application` or `ManagedIdentity`, as Microsoft Graph's servicePrincipalType.
        has_secret: whether the tenant's client secret and certificate are this one's.
    """

    caller: Caller
    display_name: str
    kind: str
    has_secret: bool = False
    federated: tuple[FederatedCredential, ...] = field(default=())
