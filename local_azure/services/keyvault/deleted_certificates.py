"""Certificates in their soft-deleted state: kept for the vault's retention, recovered or purged."""

from __future__ import annotations

from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.issuing import Issuing
from local_azure.services.keyvault.state import Certificate, DeletedCertificate, KeyVaultState, Vault

_PURGE = "keyvault.purge-certificate"


class DeletedCertificates:
    """The deleted certificates of every vault; each is purged by itself when the retention ends."""

    def __init__(self, state: KeyVaultState, issuing: Issuing, clock: Clock) -> None:
        self._state = state
        self._issuing = issuing
        self._clock = clock
        clock.on(_PURGE, self._expire)

    def delete(self, vault: Vault, name: str) -> DeletedCertificate:
        """Soft-delete the certificate with all its versions, keys and secrets. Raises: AzureError 404."""
        certificate = vault.certificates.pop(name.lower(), None)
        if certificate is None:
            raise errors.object_not_found("certificate", name)
        self._issuing.stop_renewal(vault, certificate)
        now = self._clock.now()
        deleted = DeletedCertificate(certificate, now, now + timedelta(days=vault.retention_days))
        vault.deleted_certificates[name.lower()] = deleted
        self._clock.schedule(deleted.purge_at, _PURGE, vault.name, certificate.name)
        return deleted

    def get(self, vault: Vault, name: str) -> DeletedCertificate:
        """The deleted certificate. Raises: AzureError 404 `CertificateNotFound`."""
        deleted = vault.deleted_certificates.get(name.lower())
        if deleted is None:
            raise errors.deleted_not_found("certificate", name)
        return deleted

    def recover(self, vault: Vault, name: str) -> Certificate:
        """Bring the certificate back as it was; a renewal that fell due meanwhile is made up for. Raises: 404."""
        certificate = self.get(vault, name).certificate
        self._forget(vault, certificate.name)
        vault.certificates[name.lower()] = certificate
        self._issuing.resume(vault, certificate)
        return certificate

    def purge(self, vault: Vault, name: str) -> None:
        """Remove the certificate for good. Raises: AzureError 404; 403 where purge protection is on."""
        certificate = self.get(vault, name).certificate
        if vault.purge_protection:
            raise errors.purge_protected("certificate")
        self._forget(vault, certificate.name)

    def _forget(self, vault: Vault, name: str) -> None:
        self._clock.cancel(_PURGE, vault.name, name)
        vault.deleted_certificates.pop(name.lower(), None)

    def _expire(self, vault_name: str, name: str) -> None:
        vault = self._state.vaults.get(vault_name.lower())
        gone = self._state.deleted.get(vault_name.lower())
        holder = vault or (gone.vault if gone else None)
        deleted = holder.deleted_certificates.get(name.lower()) if holder else None
        if holder and deleted and deleted.purge_at <= self._clock.now():  # else a later namesake's
            del holder.deleted_certificates[name.lower()]
