"""How versions of a certificate come to be: a pending creation and its completion, or its failure."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from local_azure import happenings
from local_azure.clock import Clock
from local_azure.services.keyvault.issuers.orders import Orders
from local_azure.services.keyvault.pki import x509
from local_azure.services.keyvault.pki.content import Content
from local_azure.services.keyvault.policies.policy import SELF, UNKNOWN
from local_azure.services.keyvault.state.certificates import Certificate, Pending, Version
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault
from local_azure.wire.faults import Effect, Faults

IN_PROGRESS, COMPLETED, CANCELLED, FAILED = "inProgress", "completed", "cancelled", "failed"
_ISSUE = "keyvault.issue"
_NOT_ISSUED = ("CertificateIssuanceFailed", "The certificate could not be issued.")  # of a fault without words


@dataclass(frozen=True)
class Durations:
    """How long a creation stays pending, on the clock: *own* with issuer `Self`, *ordered* with one of the vault's."""

    own: timedelta
    ordered: timedelta


class Issuing:
    """Makes versions, at once or when the clock says so.

    *faults* says which creations take longer or fail. Making an RSA key holds everything up for a tenth of a second or
    more, so it is done when a version is asked for or renewed, never when one is read.

    Attributes:
        on_version: told of each new version, and of the creation that it came from.
        on_failure: told of each creation that failed.
    """

    def __init__(
        self, state: KeyVaultState, clock: Clock, orders: Orders, durations: Durations, faults: Faults | None = None
    ) -> None:
        self._faults = faults
        self._state = state
        self._clock = clock
        self._orders = orders
        self._durations = durations
        self.on_version: list[Callable[[Vault, Certificate, Pending | None], None]] = []
        self.on_failure: list[Callable[[Vault, Certificate, Pending], None]] = []
        clock.on(_ISSUE, self._issue)

    def begin(
        self, vault: Vault, certificate: Certificate, tags: dict[str, str], *, enabled: bool, renewal: bool = False
    ) -> None:
        """Make key and signing request of the certificate's next version, which its `pending` stands for.

        With issuer `Unknown` somebody signs the request and merges the result; else it completes by itself.
        """
        policy = certificate.policy
        current = certificate.current
        key = x509.load_key(current.key) if current and policy.reuse_key else None
        if key is None or not x509.fits(key, policy):
            key = x509.new_key(policy)
        certificate.pending = Pending(
            request_id=uuid.uuid4().hex,
            version_id=uuid.uuid4().hex,
            created=self._clock.now(),
            issuer=policy.issuer,
            csr=base64.b64encode(x509.signing_request(policy, key)).decode(),
            key=x509.key_pem(key),
            enabled=enabled,
            tags=tags,
            renewal=renewal,
        )
        self.resume(vault, certificate)

    def resume(self, vault: Vault, certificate: Certificate) -> None:
        """Let the certificate's creation go on, if it has one that is in progress and completes by itself."""
        pending = certificate.operation
        if pending is None or pending.status != IN_PROGRESS or pending.issuer.lower() == UNKNOWN:
            return
        effect = self._struck(vault, certificate)
        if effect and effect.name == happenings.FAILED:
            pending.error = (effect.code or _NOT_ISSUED[0], effect.message or _NOT_ISSUED[1])
        duration = self._durations.own if pending.issuer.lower() == SELF else self._durations.ordered
        due = self._clock.now() + duration + timedelta(seconds=effect.seconds if effect else 0)
        self._clock.schedule(due, _ISSUE, vault.name, certificate.name, pending.request_id)

    def complete(self, vault: Vault, certificate: Certificate, pending: Pending, certificates: list[str]) -> Version:
        """The version that *pending* stood for, with its leaf and what else belongs to it, both PEM."""
        version = self._version(certificate, pending.version_id, pending.key, certificates)
        version.enabled, version.tags = pending.enabled, pending.tags
        pending.status = COMPLETED
        return self._keep(vault, certificate, version, pending)

    def add(
        self, vault: Vault, certificate: Certificate, content: Content, tags: dict[str, str], *, enabled: bool
    ) -> Version:
        """A version made elsewhere; what was pending before is forgotten."""
        version = self._version(certificate, uuid.uuid4().hex, x509.key_pem(content.key), content.pems)
        version.enabled, version.tags = enabled, tags
        certificate.pending = None
        return self._keep(vault, certificate, version, None)

    def _version(self, certificate: Certificate, version_id: str, key: str, certificates: list[str]) -> Version:
        now, policy = self._clock.now(), certificate.policy
        return Version(
            id=version_id,
            created=now,
            updated=now,
            certificates=certificates,
            key=key,
            exportable=policy.exportable,
            content_type=policy.content_type,
        )

    def _keep(self, vault: Vault, certificate: Certificate, version: Version, pending: Pending | None) -> Version:
        certificate.versions[version.id] = version
        for tell in self.on_version:
            tell(vault, certificate, pending)
        self._clock.touch()
        return version

    def _struck(self, vault: Vault, certificate: Certificate) -> Effect | None:
        name = f"{vault.name}/{certificate.name}"
        rule = self._faults and self._faults.strike(happenings.DOMAIN, happenings.CERTIFICATE_ISSUANCE, name)
        return rule.effect if rule else None

    def _issue(self, vault_name: str, name: str, request_id: str) -> None:
        vault = self._state.vaults.get(vault_name.lower())
        certificate = vault.certificates.get(name.lower()) if vault else None
        pending = certificate.operation if certificate else None
        if vault is None or certificate is None or pending is None or pending.request_id != request_id:
            return
        if pending.status != IN_PROGRESS:
            return
        if pending.cancellation_requested:
            pending.status = CANCELLED
        else:
            self._end(vault, certificate, pending)

    def _end(self, vault: Vault, certificate: Certificate, pending: Pending) -> None:
        """Complete the creation, or let it fail."""
        own, policy = pending.issuer.lower() == SELF, certificate.policy
        refusal = None if own else self._orders.refusal(vault, pending)
        pending.error = refusal if refusal and not any(pending.error) else pending.error
        if any(pending.error):
            pending.status = FAILED
            for tell in self.on_failure:
                tell(vault, certificate, pending)
        elif own:
            made = x509.self_signed(policy, x509.load_key(pending.key), self._clock.now())
            self.complete(vault, certificate, pending, [made])
        else:
            self.complete(vault, certificate, pending, self._orders.sign(vault, pending, policy.validity_months))
