"""What Key Vault does by itself near the end of a certificate's life: renew it, or write to the vault's contacts.

Sources: "About Azure Key Vault certificate renewal" and "Configure certificate auto-rotation in Key Vault" on Microsoft
Learn.
"""

from __future__ import annotations

from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.keyvault.certificates.bundles import leaf
from local_azure.services.keyvault.certificates.issuing import IN_PROGRESS, Issuing
from local_azure.services.keyvault.certificates.renewal import next_action
from local_azure.services.keyvault.issuers.mailbox import (
    NEAR_EXPIRY,
    RENEWAL_AHEAD,
    RENEWAL_FAILED,
    RENEWED,
    Mailbox,
)
from local_azure.services.keyvault.policies.policy import EMAIL_CONTACTS
from local_azure.services.keyvault.state.certificates import Certificate, Pending, Version
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault

_DUE = "keyvault.renew"  # a lifetime action falls due
_LATE = "keyvault.renew-late"  # Key Vault gets to it
_TRY_AGAIN = timedelta(days=1)  # after a renewal that failed; how soon the real service does is not published


class Lifetime:
    """The lifetime actions of every certificate. A renewal begins *lag* after it is due."""

    def __init__(self, state: KeyVaultState, clock: Clock, issuing: Issuing, mailbox: Mailbox, lag: timedelta) -> None:
        self._state = state
        self._clock = clock
        self._issuing = issuing
        self._mailbox = mailbox
        self._lag = lag
        clock.on(_DUE, self._fall_due)
        clock.on(_LATE, self._renew)
        issuing.on_version.append(self._made)
        issuing.on_failure.append(self._failed)

    def schedule(self, vault: Vault, certificate: Certificate) -> None:
        """Put the certificate's next action into the queue, in place of what is there."""
        self.stop(vault, certificate)
        if found := next_action(certificate):
            self._schedule(vault, certificate, max(found[1] - self._clock.now(), timedelta(0)))

    def stop(self, vault: Vault, certificate: Certificate) -> None:
        """Take the certificate's next action out of the queue."""
        for event in (_DUE, _LATE):
            self._clock.cancel(event, vault.name, certificate.name)

    def resume(self, vault: Vault, certificate: Certificate) -> None:
        """Go on with a certificate that was deleted for a while, alone or with its vault."""
        self._issuing.resume(vault, certificate)
        self.schedule(vault, certificate)

    def _schedule(self, vault: Vault, certificate: Certificate, wait: timedelta) -> None:
        self._clock.schedule(self._clock.now() + wait, _DUE, vault.name, certificate.name)

    def _fall_due(self, vault_name: str, name: str) -> None:
        """Write what there is to write, once about each version; then renew, if that is the action."""
        vault, certificate = self._find(vault_name, name)
        action = next_action(certificate) if certificate else None
        if vault is None or certificate is None or action is None or action[1] > self._clock.now():
            return  # the event is an earlier namesake's
        mails = action[0].action == EMAIL_CONTACTS
        self._tell_once(vault, certificate, NEAR_EXPIRY if mails else RENEWAL_AHEAD)
        if not mails:
            self._clock.schedule(self._clock.now() + self._lag, _LATE, vault.name, certificate.name)

    def _renew(self, vault_name: str, name: str) -> None:
        """The action AutoRenew: a creation like any other, unless one is in progress already."""
        vault, certificate = self._find(vault_name, name)
        current, action = (certificate.current, next_action(certificate)) if certificate else (None, None)
        if vault is None or certificate is None or current is None or action is None:
            return
        if action[0].action == EMAIL_CONTACTS or action[1] > self._clock.now():
            return  # the policy has changed, or there is a new version
        if certificate.operation and certificate.operation.status == IN_PROGRESS:
            self._schedule(vault, certificate, _TRY_AGAIN)
        else:
            self._issuing.begin(vault, certificate, dict(current.tags), enabled=True, renewal=True)

    def _made(self, vault: Vault, certificate: Certificate, pending: Pending | None) -> None:
        self.schedule(vault, certificate)
        if pending and pending.renewal and certificate.current:
            self._tell(vault, certificate, certificate.current, RENEWED)

    def _failed(self, vault: Vault, certificate: Certificate, pending: Pending) -> None:
        if pending.renewal and certificate.current:
            self._tell(vault, certificate, certificate.current, RENEWAL_FAILED)
        action = next_action(certificate)
        if action and action[1] <= self._clock.now():
            self._schedule(vault, certificate, _TRY_AGAIN)

    def _tell_once(self, vault: Vault, certificate: Certificate, event: str) -> None:
        current = certificate.current
        if current and certificate.told != current.id:
            certificate.told = current.id
            self._tell(vault, certificate, current, event)

    def _tell(self, vault: Vault, certificate: Certificate, version: Version, event: str) -> None:
        error = certificate.pending.error[1] if certificate.pending else ""
        text = {
            NEAR_EXPIRY: "It is time to renew it.",
            RENEWAL_AHEAD: "Key Vault is about to renew it.",
            RENEWED: "Key Vault has renewed it.",
            RENEWAL_FAILED: f"Key Vault could not renew it: {error} Renew it by hand.",
        }[event]
        expires = f"{leaf(version).expires:%Y-%m-%d %H:%M} UTC"
        said = f"The certificate {certificate.name} in the key vault {vault.name} expires on {expires}. {text}"
        self._mailbox.send(vault, certificate.name, event, said)

    def _find(self, vault_name: str, name: str) -> tuple[Vault | None, Certificate | None]:
        vault = self._state.vaults.get(vault_name.lower())
        return vault, vault.certificates.get(name.lower()) if vault else None
