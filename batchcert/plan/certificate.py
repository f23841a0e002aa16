"""The certificate in Key Vault: desired against observed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from batchcert.changes import Action, Change
from batchcert.plan.marks import is_ours
from batchcert.plan.policy import CertificatePolicy, desired_policy, policy_drift
from batchcert.problems import Problem
from batchcert.spec import CertificateSpec


@dataclass(frozen=True)
class Version:
    """A certificate's version: public facts alone.

    Attributes:
        id: the version's id, 32 hexadecimal digits.
        sha256: lower-case hex digest of the certificate's DER form.
        issued_at: when Key Vault made it; *not_before* usually lies some minutes earlier. All times are UTC.
        issuer: its issuer's distinguished name, "" where it was not read.
        dns_names: its subject alternative names that are DNS names.
    """

    id: str
    sha256: str
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    issuer: str = ""
    dns_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedCertificate:
    """A certificate as Key Vault holds it.

    Attributes:
        secret_id: versionless address of the secret behind it.
        version: the current version, or None while the first one is still being issued.
        enabled: whether the current version may be read.
    """

    name: str
    secret_id: str
    policy: CertificatePolicy
    version: Version | None
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether batchcert made it."""
        return is_ours(self.tags)


@dataclass(frozen=True)
class DeletedCertificate:
    """A soft-deleted certificate, which still holds its name.

    Attributes:
        recoverable: whether the vault can bring it back.
        purgeable: whether it could be removed for good before *purged_at* (a vault without purge protection).
        purged_at: when Key Vault removes it by itself, UTC, or None where it does not say.
        issuer: the issuer in its policy.
    """

    name: str
    recoverable: bool
    purgeable: bool
    purged_at: datetime | None
    issuer: str


def plan_certificate(
    spec: CertificateSpec, vault: str, observed: ObservedCertificate | None, deleted: DeletedCertificate | None
) -> Change:
    """Create the certificate, recover it, correct its policy, or leave it as it is.

    Raises: Problem `certificate-imported`, `certificate-disabled`, `certificate-soft-deleted`.
    """
    resource = resource_name(vault, spec.name)
    if observed is not None:
        return _existing(spec, resource, observed)
    if deleted is not None:
        return _recovered(resource, deleted)
    return Change(Action.CREATE, resource, f"new; {desired_policy(spec).renewal}")


def not_taken(left: Change) -> Problem:
    """Key Vault accepted a policy, and what it reads back still differs."""
    fields = "; ".join(f"{field.path} is {field.before or '(none)'}, not {field.after}" for field in left.fields)
    return Problem(
        "certificate-policy-not-taken",
        what=f"{left.resource}: after writing its policy, {fields}",
        cause="Key Vault keeps these as they are, or somebody else changes the policy too",
        cure="set them by hand in the vault, or change the parameters to what they are",
    )


def resource_name(vault: str, certificate: str) -> str:
    """How plans name a certificate: certificate/VAULT/NAME."""
    return f"certificate/{vault}/{certificate}"


def _existing(spec: CertificateSpec, resource: str, observed: ObservedCertificate) -> Change:
    if observed.policy.imported:
        raise _imported(resource)
    if not observed.enabled:
        raise Problem(
            "certificate-disabled",
            what=f"{resource}: its current version is disabled",
            cause="Key Vault hands out no secret of a disabled version, so no node could fetch it",
            cure="enable it: az keyvault certificate set-attributes --enabled true",
        )
    drift = policy_drift(desired_policy(spec), observed.policy)
    if drift:
        return Change(Action.UPDATE, resource, "its policy has drifted", drift)
    return Change(Action.NOTHING, resource, f"its policy is right; {observed.policy.renewal}")


def _recovered(resource: str, deleted: DeletedCertificate) -> Change:
    if deleted.issuer.lower() == "unknown":
        raise _imported(resource)
    if deleted.recoverable:
        return Change(Action.RECOVER, resource, "a deleted certificate holds its name")
    until = f" until {deleted.purged_at:%Y-%m-%d}" if deleted.purged_at else ""
    raise Problem(
        "certificate-soft-deleted",
        what=f"{resource}: a deleted certificate holds its name{until}",
        cause="the vault does not allow it to be recovered",
        cure="purge it, or choose another name" if deleted.purgeable else "wait until then, or choose another name",
    )


def _imported(resource: str) -> Problem:
    return Problem(
        "certificate-imported",
        what=f"{resource}: it was imported (its issuer is Unknown), so Key Vault cannot renew it",
        cause="auto-renewal works for issuer Self and for issuers configured in the vault",
        cure="choose another name, and batchcert creates a certificate that renews itself",
    )
