"""Key Vault, put together: what its routes are given."""

from __future__ import annotations

from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.keyvault.certificates.backup import Backups
from local_azure.services.keyvault.certificates.certificates import Certificates
from local_azure.services.keyvault.certificates.issuing import Issuing
from local_azure.services.keyvault.certificates.pending import PendingCertificates
from local_azure.services.keyvault.deletion import Deletion, Kind
from local_azure.services.keyvault.issuers.issuers import Issuers
from local_azure.services.keyvault.secrets.secrets import Secrets
from local_azure.services.keyvault.state import Certificate, KeyVaultState, Secret
from local_azure.services.keyvault.vaults.deleted import DeletedVaults
from local_azure.services.keyvault.vaults.vaults import Vaults
from local_azure.wire.faults import Faults

__all__ = ["KeyVault", "KeyVaultState"]

_CERTIFICATES: Kind[Certificate] = Kind(
    "certificate", lambda vault: vault.certificates, lambda vault: vault.deleted_certificates
)
_SECRETS: Kind[Secret] = Kind("secret", lambda vault: vault.secrets, lambda vault: vault.deleted_secrets)


class KeyVault:
    """The vaults of the subscription and what they hold.

    *issuance* is how long the creation of a certificate stays pending, on the clock; *faults* says what goes wrong.
    """

    def __init__(
        self,
        access: Access,
        groups: Groups,
        clock: Clock,
        state: KeyVaultState | None = None,
        *,
        issuance: timedelta = timedelta(0),
        faults: Faults | None = None,
    ) -> None:
        self.access = access
        self.groups = groups
        self.clock = clock
        self.state = state or KeyVaultState()
        self.vaults = Vaults(groups, clock, self.state, faults)
        self.deleted_vaults = DeletedVaults(self.vaults, clock)
        issuing = Issuing(self.state, clock, issuance, faults)
        self.certificates = Certificates(issuing, clock)
        self.pending = PendingCertificates(issuing)
        self.issuers = Issuers(clock)
        self.backups = Backups(self.state, self.certificates, issuing)
        self.deleted_certificates = Deletion(
            _CERTIFICATES, self.state, clock, on_delete=issuing.stop_renewal, on_recover=issuing.resume
        )
        self.secrets = Secrets(clock)
        self.deleted_secrets = Deletion(_SECRETS, self.state, clock)
        self.deleted_vaults.on_recover.append(self.certificates.resume)
