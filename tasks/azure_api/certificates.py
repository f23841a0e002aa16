"""Certificates, their policies and their versions: Key Vault's data plane."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from azure.core.exceptions import HttpResponseError
from azure.core.polling import LROPoller
from azure.keyvault.certificates import CertificateClient, CertificateOperation, KeyVaultCertificate
from azure.keyvault.certificates import DeletedCertificate as SdkDeletedCertificate

from batchcert.plan.certificate import DeletedCertificate, ObservedCertificate, Version
from batchcert.plan.marks import TAGS
from batchcert.plan.policy import CertificatePolicy
from batchcert.problems import Problem
from tasks.azure_api.certificate_policies import from_sdk, to_sdk
from tasks.azure_api.faults import explained
from tasks.azure_api.plain import utc, word
from tasks.azure_api.waiting import found

ISSUING_LIMIT = timedelta(minutes=10)  # a certificate authority behind the vault may take that long
RECOVERY_LIMIT = timedelta(minutes=5)
POLLING_SECONDS = 1


@explained
def read(api: CertificateClient, name: str) -> ObservedCertificate | None:
    """The certificate with its policy and current version, or None where there is none."""
    known = found(lambda: api.get_certificate(name))
    return _observed(api, known) if known else None


@explained
def read_deleted(api: CertificateClient, name: str) -> DeletedCertificate | None:
    """The soft-deleted certificate that holds *name*, or None."""
    known = found(lambda: api.get_deleted_certificate(name))
    return _deleted(name, known) if known else None


@explained
def earlier_digests(api: CertificateClient, name: str, *, most: int = 3) -> tuple[str, ...]:
    """SHA-256 of the versions before the current one, newest first: a request each, so *most* at most."""
    current = _current_id(api, name)
    # told by its id, since Key Vault tells times to the second
    others = [one for one in api.list_properties_of_certificate_versions(name) if one.version != current]
    others.sort(key=lambda version: str(version.created_on), reverse=True)
    read_again = (api.get_certificate_version(name, str(version.version)) for version in others[:most])
    return tuple(version.sha256 for version in map(_version, read_again) if version)


@explained
def read_issued(
    api: CertificateClient, name: str, *, sleep: Callable[[float], None]
) -> tuple[ObservedCertificate, Version]:
    """The certificate with its current version; waits for a first one that an earlier run asked for.

    Raises: Problem `certificate-not-issued`, `certificate-pending`.
    """
    observed = _observed(api, api.get_certificate(name))
    if observed.version is None:
        _await_first_version(api, name, sleep)
        observed = _observed(api, api.get_certificate(name))
    if observed.version is None:
        raise _pending(name)
    return observed, observed.version


@explained
def create(api: CertificateClient, name: str, policy: CertificatePolicy) -> None:
    """Create the certificate, marked as made by batchcert, and wait until its first version is issued.

    Raises: Problem `certificate-not-issued`, `certificate-pending`.
    """
    poller = api.begin_create_certificate(name, to_sdk(policy), tags=dict(TAGS), _polling_interval=POLLING_SECONDS)
    _issued(name, poller)


@explained
def recover(api: CertificateClient, name: str) -> None:
    """Bring a soft-deleted certificate back, and wait until it is there."""
    poller = api.begin_recover_deleted_certificate(name, _polling_interval=POLLING_SECONDS)
    poller.wait(RECOVERY_LIMIT.total_seconds())
    if not poller.done():
        raise Problem("azure-operation-slow", what=f"recovering certificate {name} takes long", passes=True)


@explained
def update_policy(api: CertificateClient, name: str, policy: CertificatePolicy) -> None:
    """Correct the policy; what batchcert does not decide (key usages, say) stays as it is."""
    api.update_certificate_policy(name, to_sdk(policy, api.get_certificate_policy(name)))


@explained
def delete(api: CertificateClient, name: str) -> None:
    """Delete the certificate; the vault keeps it recoverable for its retention time. One that is gone is fine."""
    found(lambda: api.begin_delete_certificate(name).result())


def _current_id(api: CertificateClient, name: str) -> str | None:
    properties = api.get_certificate(name).properties
    return properties.version if properties else None


def _await_first_version(api: CertificateClient, name: str, sleep: Callable[[float], None]) -> None:
    waited = 0.0
    while (operation := api.get_certificate_operation(name)).status == "inProgress":
        if waited >= ISSUING_LIMIT.total_seconds():
            raise _pending(name)
        sleep(POLLING_SECONDS)
        waited += POLLING_SECONDS
    _check(name, operation)


def _issued(name: str, poller: LROPoller[KeyVaultCertificate | CertificateOperation]) -> None:
    poller.wait(ISSUING_LIMIT.total_seconds())
    if not poller.done():
        raise _pending(name)
    result = poller.result()
    if isinstance(result, CertificateOperation):
        _check(name, result)


def _check(name: str, operation: CertificateOperation) -> None:
    if operation.status == "completed":
        return
    error = operation.error
    said = f"{error.code}: {error.message}" if error else operation.status_details or "without a reason"
    raise Problem(
        "certificate-not-issued",
        what=f"certificate {name}: its issuer ended {operation.status}: {said}",
        cause=f"issuer {operation.issuer_name} refused the request",
        cure="correct the certificate's parameters, or the issuer's account in the vault",
    )


def _pending(name: str) -> Problem:
    return Problem(
        "certificate-pending",
        what=f"certificate {name} has not been issued in {ISSUING_LIMIT.total_seconds() / 60:.0f} minutes",
        cause="its issuer still works on the request, or waits for somebody's approval",
        cure="see its pending operation in the portal, and run again once it is issued",
    )


def _observed(api: CertificateClient, certificate: KeyVaultCertificate) -> ObservedCertificate:
    properties = certificate.properties
    if properties is None or certificate.policy is None:
        raise HttpResponseError(f"Key Vault answered without the properties of {certificate.name}")
    return ObservedCertificate(
        name=properties.name,
        secret_id=f"{api.vault_url.rstrip('/')}/secrets/{properties.name}",
        policy=from_sdk(certificate.policy),
        version=_version(certificate),
        enabled=properties.enabled is not False or certificate.cer is None,
        tags=dict(properties.tags or {}),
    )


def _version(certificate: KeyVaultCertificate) -> Version | None:
    """The current version; None while the first one is being issued, when there is no certificate to read yet."""
    properties = certificate.properties
    if properties is None or certificate.cer is None:
        return None
    issued, begins, ends = utc(properties.created_on), utc(properties.not_before), utc(properties.expires_on)
    if issued is None or begins is None or ends is None:
        return None
    return Version(
        id=str(properties.version),
        sha256=hashlib.sha256(bytes(certificate.cer)).hexdigest(),  # Key Vault's own x5t is of SHA-1
        issued_at=issued,
        not_before=begins,
        not_after=ends,
    )


def _deleted(name: str, certificate: SdkDeletedCertificate) -> DeletedCertificate:
    properties, policy = certificate.properties, certificate.policy
    level = word(properties.recovery_level) if properties else ""
    return DeletedCertificate(
        name=name,
        recoverable="recoverable" in level.lower(),
        purgeable="purgeable" in level.lower(),
        purged_at=utc(certificate.scheduled_purge_date),
        issuer=str(policy.issuer_name or "") if policy else "",
    )
