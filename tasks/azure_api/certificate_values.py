"""Certificates between the SDK's classes and our plain values."""

from __future__ import annotations

import hashlib

from azure.core.exceptions import HttpResponseError
from azure.keyvault.certificates import DeletedCertificate as SdkDeletedCertificate
from azure.keyvault.certificates import KeyVaultCertificate

from batchcert.plan.certificate import DeletedCertificate, ObservedCertificate, Version
from batchcert.problems import Problem
from batchcert.visit.certificate import read_certificate
from tasks.azure_api.certificate_policies import from_sdk
from tasks.azure_api.plain import utc, word


def observed_certificate(vault_url: str, certificate: KeyVaultCertificate) -> ObservedCertificate:
    """The certificate as it is now, with its policy and its current version."""
    properties = certificate.properties
    if properties is None or certificate.policy is None:
        raise HttpResponseError(f"Key Vault answered without the properties of {certificate.name}")
    return ObservedCertificate(
        name=properties.name,
        secret_id=f"{vault_url.rstrip('/')}/secrets/{properties.name}",
        policy=from_sdk(certificate.policy),
        version=version_of(certificate),
        enabled=properties.enabled is not False or certificate.cer is None,
        tags=dict(properties.tags or {}),
    )


def version_of(certificate: KeyVaultCertificate) -> Version | None:
    """The current version; None while the first one is being issued, when there is no certificate to read yet."""
    properties = certificate.properties
    if properties is None or certificate.cer is None:
        return None
    issued, begins, ends = utc(properties.created_on), utc(properties.not_before), utc(properties.expires_on)
    if issued is None or begins is None or ends is None:
        return None
    der = bytes(certificate.cer)
    issuer, dns_names = _named(der)
    return Version(
        id=str(properties.version),
        sha256=hashlib.sha256(der).hexdigest(),  # Key Vault's own x5t is of SHA-1
        issued_at=issued,
        not_before=begins,
        not_after=ends,
        issuer=issuer,
        dns_names=dns_names,
    )


def _named(der: bytes) -> tuple[str, tuple[str, ...]]:
    """The issuer and the DNS names in a certificate; nothing where it is none that can be read."""
    try:
        certificate = read_certificate(der)
    except Problem:
        return "", ()
    return certificate.issuer, certificate.dns_names


def deleted_certificate(name: str, certificate: SdkDeletedCertificate) -> DeletedCertificate:
    """The soft-deleted certificate that holds *name*.

    Source: Key Vault certificates REST, DeletionRecoveryLevel.
    """
    properties, policy = certificate.properties, certificate.policy
    level = word(properties.recovery_level) if properties else ""
    return DeletedCertificate(
        name=name,
        recoverable="recoverable" in level.lower(),
        purgeable="purgeable" in level.lower(),
        purged_at=utc(certificate.scheduled_purge_date),
        issuer=str(policy.issuer_name or "") if policy else "",
    )
