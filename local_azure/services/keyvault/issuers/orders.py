"""What a vault orders from certificate authorities, and what these make of it; knows no HTTP.

Sources: "About Azure Key Vault certificates" (partner providers; others "don't support automatic renewal") and "Monitor
and manage certificate creation" (the codes of a failed request) on Microsoft Learn; "Integrating Key Vault with
DigiCert certificate authority" for credentials without which nothing is ordered.
"""

from __future__ import annotations

import base64

from local_azure.clock import Clock
from local_azure.services.keyvault.pki import authority
from local_azure.services.keyvault.pki.x509 import add_months
from local_azure.services.keyvault.state.certificates import Pending
from local_azure.services.keyvault.state.issuers import Issuer
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault

PARTNERS = {name.lower(): name for name in ("DigiCert", "GlobalSign")}
_ISSUER_ERROR, _REJECTED = "Certificate issuer error", "Request rejected"
Refusal = tuple[str, str]


class Orders:
    """The partner providers, each a private authority of its own that every vault orders from."""

    def __init__(self, state: KeyVaultState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def refusal(self, vault: Vault, pending: Pending) -> Refusal | None:
        """Code and message of why the issuer does not sign, or None where it does."""
        issuer = vault.issuers.get(pending.issuer.lower())
        if issuer is None:
            return _ISSUER_ERROR, f"The issuer {pending.issuer} does not exist in this key vault."
        if not issuer.enabled:
            return _ISSUER_ERROR, f"The issuer {issuer.name} is disabled."
        if issuer.provider.lower() not in PARTNERS:
            return _ISSUER_ERROR, f"The provider {issuer.provider} of the issuer {issuer.name} takes no orders."
        if not (issuer.account and issuer.password):
            return _REJECTED, f"{issuer.provider} does not accept the credentials of the issuer {issuer.name}."
        return None

    def sign(self, vault: Vault, pending: Pending, months: int) -> list[str]:
        """The certificate that *pending* asks for, with its chain up to the root; PEM."""
        issuer = vault.issuers[pending.issuer.lower()]
        now = self._clock.now()
        signing = self._authority(issuer, months)
        return authority.sign(signing, base64.b64decode(pending.csr), now, months)

    def _authority(self, issuer: Issuer, months: int) -> authority.Authority:
        """The provider's authority: made when it is needed first, and anew when it would end before the leaf."""
        name, now = PARTNERS[issuer.provider.lower()], self._clock.now()
        known = self._state.authorities.get(name)
        if known is None or not authority.outlives(known, add_months(now, months)):
            known = self._state.authorities[name] = authority.new_authority(f"Embedded {name}", now)
        return known
