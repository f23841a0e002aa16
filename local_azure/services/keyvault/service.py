"""Key Vault, put together: what its routes are given."""

from __future__ import annotations

from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.keyvault.certificates.backup import Backups
from local_azure.services.keyvault.certificates.certificates import Certificates
from local_azure.services.keyvault.certificates.issuing import Durations, Issuing
from local_azure.services.keyvault.certificates.lifetime import Lifetime
from local_azure.services.keyvault.certificates.pending import PendingCertificates
from local_azure.services.keyvault.deletion import Deletion, Kind
from local_azure.services.keyvault.issuers.issuers import Issuers
from local_azure.services.keyvault.issuers.mailbox import Mailbox
from local_azure.services.keyvault.issuers.orders import Orders
from local_azure.services.keyvault.secrets.secrets import Secrets
from local_azure.services.keyvault.state.certificates import Certificate
from local_azure.services.keyvault.state.secrets import Secret
from local_azure.services.keyvault.state.vaults import KeyVaultState
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

    *issuance* is how long a creation with issuer `Self` stays pending, on the clock; *faults* says what goes wrong.
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
        settings = access.settings
        durations = Durations(own=issuance, ordered=timedelta(seconds=settings.order_seconds))
        issuing = Issuing(self.state, clock, Orders(self.state, clock), durations, faults)
        self.mailbox = Mailbox(self.state, clock)
        lag = timedelta(seconds=settings.renewal_seconds)
        lifetime = Lifetime(self.state, clock, issuing, self.mailbox, lag)
        self.certificates = Certificates(issuing, lifetime, clock)
        self.pending = PendingCertificates(issuing)
        self.issuers = Issuers(clock)
        self.backups = Backups(self.state, self.certificates, lifetime)
        self.deleted_certificates = Deletion(
            _CERTIFICATES, self.state, clock, on_delete=lifetime.stop, on_recover=lifetime.resume
        )
        self.secrets = Secrets(clock)
        self.deleted_secrets = Deletion(_SECRETS, self.state, clock)
        self.deleted_vaults.on_recover.append(self.certificates.resume)
