"""The mails that Key Vault would write to a vault's contacts; nobody is written to.

Source: "About Azure Key Vault certificate renewal", "Get notified about certificate expiration" on Microsoft Learn.
"""

from __future__ import annotations

from local_azure.clock import Clock
from local_azure.services.keyvault.state.issuers import Mail
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault

NEAR_EXPIRY, RENEWAL_AHEAD, RENEWED, RENEWAL_FAILED = "NearExpiry", "RenewalAhead", "Renewed", "RenewalFailed"
_MOST = 10_000  # mails; the oldest go first


class Mailbox:
    """Keeps what would have been sent: to whom, when, about what."""

    def __init__(self, state: KeyVaultState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def send(self, vault: Vault, certificate: str, event: str, text: str) -> None:
        """Write to every contact of the vault; where it has none, nobody learns."""
        if vault.contacts:
            to = [contact.email for contact in vault.contacts]
            self._state.mails.append(Mail(self._clock.now(), to, vault.name, certificate, event, text))
            del self._state.mails[:-_MOST]

    def all(self) -> list[Mail]:
        """Every mail, oldest first."""
        return list(self._state.mails)
