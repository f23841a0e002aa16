"""A certificate's policy as plain values, and where two of them differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from batchcert.changes import FieldChange
from batchcert.spec import CertificateSpec, RenewalTrigger

AUTO_RENEW = "AutoRenew"
UNKNOWN_ISSUER = "unknown"
_NEXT_VERSION = "from the next version on"
_RDN_SEPARATOR = re.compile(r"\s*(?<!\\),\s*")


@dataclass(frozen=True)
class LifetimeAction:
    """What Key Vault does by itself, and when. One of *days_before_expiry* and *lifetime_percentage* is set."""

    action: str
    days_before_expiry: int | None = None
    lifetime_percentage: int | None = None

    def __str__(self) -> str:
        """As a person says it: AutoRenew 30 days before expiry."""
        if self.days_before_expiry is not None:
            return f"{self.action} {self.days_before_expiry} days before expiry"
        return f"{self.action} at {self.lifetime_percentage} % of the lifetime"


@dataclass(frozen=True)
class CertificatePolicy:
    """What Key Vault issues versions by.

    Attributes:
        dns_names: subject alternative names of type DNS.
        other_names: alternative names of other types, "email:a@b.c" say; batchcert asks for none.
        key_type: RSA, EC, RSA-HSM, EC-HSM or oct.
        key_size: bits; it counts for RSA alone.
        curve: P-256, P-384, P-521; "" for RSA.
        issuer: Self, Unknown, or the name of an issuer configured in the vault.
    """

    subject: str
    dns_names: tuple[str, ...]
    key_type: str
    key_size: int | None
    curve: str
    exportable: bool
    content_type: str
    issuer: str
    validity_months: int | None
    actions: tuple[LifetimeAction, ...]
    other_names: tuple[str, ...] = ()

    @property
    def renewal(self) -> LifetimeAction | None:
        """The action that renews the certificate, or None where nothing does."""
        return next((action for action in self.actions if action.action.lower() == AUTO_RENEW.lower()), None)

    @property
    def imported(self) -> bool:
        """Whether its versions come from outside, so that Key Vault cannot renew it."""
        return self.issuer.lower() == UNKNOWN_ISSUER


def desired_policy(spec: CertificateSpec) -> CertificatePolicy:
    """The policy that *spec* asks for."""
    rsa = spec.key_type == "RSA"
    by_days = spec.renewal.trigger is RenewalTrigger.DAYS_BEFORE_EXPIRY
    return CertificatePolicy(
        subject=spec.subject,
        dns_names=tuple(spec.dns_names),
        key_type=spec.key_type,
        key_size=spec.key_size if rsa else None,
        curve="" if rsa else spec.curve,
        exportable=spec.exportable,
        content_type=spec.content_type,
        issuer=spec.issuer,
        validity_months=spec.validity_months,
        actions=(
            LifetimeAction(
                AUTO_RENEW,
                days_before_expiry=spec.renewal.value if by_days else None,
                lifetime_percentage=None if by_days else spec.renewal.value,
            ),
        ),
    )


def policy_drift(desired: CertificatePolicy, observed: CertificatePolicy) -> tuple[FieldChange, ...]:
    """Each field of *observed* that is not as *desired*; spelling that means the same is no difference."""
    return tuple(
        FieldChange(path, _text(read(observed)), _text(read(desired)), why)
        for path, read, why in _FIELDS
        if _folded(read(observed)) != _folded(read(desired))
    )


def _subject(policy: CertificatePolicy) -> str:
    """Blanks around the commas of a distinguished name, and the case of its attribute types, mean nothing."""
    parts = (part.partition("=") for part in _RDN_SEPARATOR.split(policy.subject.strip()))
    return ", ".join(f"{kind.strip().upper()}={value.strip()}" if value else kind for kind, _, value in parts)


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in names}))


_FIELDS: tuple[tuple[str, Callable[[CertificatePolicy], object], str], ...] = (
    ("subject", _subject, _NEXT_VERSION),
    ("dns_names", lambda policy: _names(policy.dns_names), _NEXT_VERSION),
    ("other_names", lambda policy: _names(policy.other_names), _NEXT_VERSION),
    ("key_type", lambda policy: policy.key_type, _NEXT_VERSION),
    ("key_size", lambda policy: policy.key_size if policy.key_type.upper().startswith("RSA") else None, _NEXT_VERSION),
    ("curve", lambda policy: policy.curve if policy.key_type.upper().startswith("EC") else "", _NEXT_VERSION),
    ("exportable", lambda policy: policy.exportable, _NEXT_VERSION),
    ("content_type", lambda policy: policy.content_type, _NEXT_VERSION),
    ("issuer", lambda policy: policy.issuer, _NEXT_VERSION),
    ("validity_months", lambda policy: policy.validity_months, _NEXT_VERSION),
    ("renewal", lambda policy: policy.actions, ""),
)


def _folded(value: object) -> object:
    """Key Vault keeps no case of key types, curves, content types and issuers; a subject's case it does."""
    if isinstance(value, str) and "=" not in value:
        return value.lower()
    if isinstance(value, tuple):
        return tuple(str(item).lower() for item in value)
    return value


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
