"""A certificate's policy: how each of its versions is made, and what is done when one comes to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
    def renewal(self) -> LifetimeAction | None:
        """The action by which Key Vault renews by itself, if it does: issuer `Unknown` is renewed by hand."""
        if not self.enabled or self.issuer.lower() == UNKNOWN:
            return None
        return next((action for action in self.lifetime_actions if action.action == AUTO_RENEW), None)


def policy_json(policy: Policy, certificate_url: str) -> dict[str, Any]:
    """The policy as Key Vault shows it."""
    key = {
        "exportable": policy.exportable,
        "kty": policy.kty,
        "key_size": policy.key_size,
        "reuse_key": policy.reuse_key,
    }
    issuer: dict[str, Any] = {"name": policy.issuer}
    if policy.curve:
        key["crv"] = policy.curve
    if policy.certificate_type:
        issuer["cty"] = policy.certificate_type
    if policy.transparency is not None:
        issuer["cert_transparency"] = policy.transparency
    return {
        "id": f"{certificate_url}/policy",
        "key_props": key,
        "secret_props": {"contentType": policy.content_type},
        "x509_props": _x509_json(policy),
        "lifetime_actions": [_action_json(action) for action in policy.lifetime_actions],
        "issuer": issuer,
        "attributes": {
            "enabled": policy.enabled,
            "created": int(policy.created.timestamp()),
            "updated": int(policy.updated.timestamp()),
        },
    }


def _x509_json(policy: Policy) -> dict[str, Any]:
    names = {
        "dns_names": policy.names.dns_names,
        "emails": policy.names.emails,
        "upns": policy.names.upns,
        "uris": policy.names.uris,
        "ipAddresses": policy.names.ip_addresses,
    }
    given = {kind: list(values) for kind, values in names.items() if values}
    return {
        "subject": policy.subject,
        **({"sans": given} if given else {}),
        "ekus": list(policy.ekus),
        "key_usage": list(policy.key_usage),
        "validity_months": policy.validity_months,
        "basic_constraints": {"ca": policy.ca},
    }


def _action_json(action: LifetimeAction) -> dict[str, Any]:
    trigger = {
        name: value
        for name, value in (
            ("lifetime_percentage", action.lifetime_percentage),
            ("days_before_expiry", action.days_before_expiry),
        )
        if value is not None
    }
    return {"trigger": trigger, "action": {"action_type": action.action}}
