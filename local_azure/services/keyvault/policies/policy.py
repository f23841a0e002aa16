"""A certificate's policy: how each of its versions is made, and what is done when one comes to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

PKCS12 = "application/x-pkcs12"
PEM = "application/x-pem-file"
SELF = "self"
UNKNOWN = "unknown"
AUTO_RENEW = "AutoRenew"
EMAIL_CONTACTS = "EmailContacts"
RSA_BITS = (2048, 3072, 4096)
EC_BITS = {"P-256": 256, "P-256K": 256, "P-384": 384, "P-521": 521}


@dataclass(frozen=True)
class LifetimeAction:
    """What is done near the end of a version's life. One of *days_before_expiry* and *lifetime_percentage* is set."""

    action: str
    days_before_expiry: int | None = None
    lifetime_percentage: int | None = None


@dataclass(frozen=True)
class AlternativeNames:
    """The subject alternative names, by kind."""

    dns_names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    upns: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The policy, complete: what a request leaves out has Key Vault's default.

    Attributes:
        kty: RSA, RSA-HSM, EC or EC-HSM.
        key_size: bits of an RSA key, or of *curve*.
        validity_months: calendar months from the moment of issuance.
        issuer: `Self`, `Unknown` (signed elsewhere and merged) or the name of an issuer of the vault.
        ca: whether the certificate may sign others; true of some that were imported.
    Source: Key Vault REST API, CertificatePolicy; the defaults are those of the service's answers.
    """

    created: datetime
    updated: datetime
    subject: str = ""
    names: AlternativeNames = field(default_factory=AlternativeNames)
    kty: str = "RSA"
    key_size: int = 2048
    curve: str = ""
    exportable: bool = True
    reuse_key: bool = False
    content_type: str = PKCS12
    ekus: tuple[str, ...] = ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2")
    key_usage: tuple[str, ...] = ("digitalSignature", "keyEncipherment")
    validity_months: int = 12
    lifetime_actions: tuple[LifetimeAction, ...] = ()
    issuer: str = "Unknown"
    certificate_type: str = ""
    transparency: bool | None = None
    ca: bool = False
    enabled: bool = True

    @property
    def action(self) -> LifetimeAction | None:
        """The lifetime action that Key Vault performs, if any: issuer `Unknown` is renewed by hand alone."""
        performed = {EMAIL_CONTACTS} if self.issuer.lower() == UNKNOWN else {AUTO_RENEW, EMAIL_CONTACTS}
        found = (action for action in self.lifetime_actions if action.action in performed)
        return next(found, None) if self.enabled else None
