"""The pending creation of a certificate: looked at, cancelled, removed, or completed by what somebody else signed."""

from __future__ import annotations

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.certificates.issuing import COMPLETED, IN_PROGRESS, Issuing
from local_azure.services.keyvault.pki.content import read_signed
from local_azure.services.keyvault.pki.x509 import load_key
from local_azure.services.keyvault.policies.policy import UNKNOWN
from local_azure.services.keyvault.state.certificates import Certificate, Pending, Version
from local_azure.services.keyvault.state.vaults import Vault


class PendingCertificates:
    """The newest creation of each certificate. Source: "Monitor and manage certificate creation"."""

    def __init__(self, issuing: Issuing) -> None:
        self._issuing = issuing

    def get(self, vault: Vault, name: str, request_id: str = "") -> tuple[Certificate, Pending]:
        """The certificate and its creation.

        Raises: AzureError 404 `PendingCertificateNotFound`, also where the creation is not *request_id*'s.
        """
        certificate = vault.certificates.get(name.lower())
        pending = certificate.operation if certificate else None
        if certificate is None or pending is None or request_id not in {"", pending.request_id}:
            raise errors.pending_not_found(name)
        return certificate, pending

    def cancel(self, vault: Vault, name: str, *, wanted: bool) -> tuple[Certificate, Pending]:
        """Ask for the end of the creation. Raises: AzureError 403 where it has ended already."""
        certificate, pending = self.get(vault, name)
        if pending.status != IN_PROGRESS:
            raise errors.pending_not_updatable()
        pending.cancellation_requested = wanted
        return certificate, pending

    def merge(self, vault: Vault, name: str, body: Body) -> tuple[Certificate, Version]:
        """Complete the creation with what somebody signed for it.

        Raises: AzureError 403 for a creation that Key Vault completes itself, 400 for certificates of another key.
        """
        certificate, pending = self.get(vault, name)
        if pending.issuer.lower() != UNKNOWN and pending.status == IN_PROGRESS:
            raise errors.merge_forbidden(pending.issuer)
        if pending.status == COMPLETED:
            raise errors.pending_not_found(name)
        content = read_signed(body.texts("x5c", ()), load_key(pending.key))
        pending.enabled = body.part("attributes").flag("enabled", pending.enabled)
        pending.tags = body.tags(pending.tags)
        return certificate, self._issuing.complete(vault, certificate, pending, content.pems)

    def delete(self, vault: Vault, name: str) -> tuple[Certificate, Pending]:
        """Forget the creation; one in progress never completes."""
        certificate, pending = self.get(vault, name)
        pending.removed = True
        return certificate, pending
