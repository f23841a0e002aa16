"""Certificates with their versions and creations, as they are remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from local_azure.services.keyvault.policies.policy import Policy


@dataclass
class Version:
    """One version of a certificate, with the key and the secret that belong to it.

    Attributes:
        id: 32 hexadecimal digits, shared by certificate, key and secret.
        certificates: PEM, the leaf first, then what was imported or merged with it.
        key: PKCS #8 PEM.
        exportable, content_type: of the policy that the version was made with.
    """

    id: str
    created: datetime
    updated: datetime
    certificates: list[str] = field(repr=False)
    key: str = field(repr=False)
    exportable: bool
    content_type: str
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Pending:
    """The newest creation of a certificate: `inProgress`, `completed`, `cancelled` or `failed`.

    Attributes:
        version_id: the version that it completes as.
        csr: the certificate signing request, DER in base64.
        key: the new key, PKCS #8 PEM.
        removed: whether it was deleted, and is no longer shown.
        renewal: whether a lifetime action began it.
        error: code and message of a failed one.
    """

    request_id: str
    version_id: str
    created: datetime
    issuer: str
    csr: str
    key: str = field(repr=False)
    status: str = "inProgress"
    cancellation_requested: bool = False
    removed: bool = False
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    error: tuple[str, str] = ("", "")
    renewal: bool = False


@dataclass
class Certificate:
    """A certificate: its policy, its versions in the order they were made (the last is current).

    *pending* is the newest creation, even a removed one; `operation` is the one that can be seen. *told* is the version
    about whose coming end the vault's contacts were written to, "" for none.
    """

    name: str
    policy: Policy
    versions: dict[str, Version] = field(default_factory=dict)
    pending: Pending | None = None
    told: str = ""

    @property
    def operation(self) -> Pending | None:
        """The newest creation, unless it was removed or an import took its place."""
        return self.pending if self.pending and not self.pending.removed else None

    @property
    def current(self) -> Version | None:
        """The newest version, or None while the first is being made."""
        return next(reversed(self.versions.values()), None)
