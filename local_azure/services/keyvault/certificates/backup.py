"""Backup and restore of a certificate with all its versions and keys.

A backup is a blob that only Key Vault can read: it is encrypted with a key that stays in the service, and can be
restored into any vault of the same subscription. Source: "Azure Key Vault backup and restore" on Microsoft Learn.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from pydantic import TypeAdapter

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.certificates.certificates import Certificates
from local_azure.services.keyvault.certificates.lifetime import Lifetime
from local_azure.services.keyvault.state.certificates import Certificate
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault

_ADAPTER = TypeAdapter(Certificate)


class Backups:
    """Makes backups and takes them back."""

    def __init__(self, state: KeyVaultState, certificates: Certificates, lifetime: Lifetime) -> None:
        self._certificates = certificates
        self._lifetime = lifetime
        self._box = Fernet(state.backup_key)

    def make(self, vault: Vault, name: str) -> str:
        """The certificate as a blob, in base64url without padding. Raises: AzureError 404."""
        content = self._box.encrypt(_ADAPTER.dump_json(self._certificates.get(vault, name)))
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    def restore(self, vault: Vault, blob: str) -> Certificate:
        """Bring a certificate back under its old name, with its old versions.

        Raises: AzureError 400 for a blob that Key Vault did not make; 409 where the name is taken.
        """
        try:
            content = self._box.decrypt(base64.urlsafe_b64decode(blob + "=" * (-len(blob) % 4)))
        except (InvalidToken, ValueError):
            raise errors.bad_parameter("Backup blob contains invalid or corrupt version.") from None
        certificate = _ADAPTER.validate_json(content)
        if self._certificates.writable(vault, certificate.name) is not None:
            raise errors.name_in_use("certificate", certificate.name)
        vault.certificates[certificate.name.lower()] = certificate
        self._lifetime.resume(vault, certificate)
        return certificate
