"""How versions of a certificate come to be: a pending creation, its completion, and renewal when it falls due."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

from local_azure import happenings
from local_azure.clock import Clock
from local_azure.services.keyvault.certificates.renewal import next_renewal
from local_azure.services.keyvault.pki import x509
from local_azure.services.keyvault.pki.content import Content
from local_azure.services.keyvault.policies.policy import SELF
from local_azure.services.keyvault.state import Certificate, KeyVaultState, Pending, Vault, Version
from local_azure.wire.faults import Effect, Faults

IN_PROGRESS, COMPLETED, CANCELLED, FAILED = "inProgress", "completed", "cancelled", "failed"
_ISSUE = "keyvault.issue"
_RENEW = "keyvault.renew"
_TRY_AGAIN = timedelta(days=1)  # after a renewal that failed; how soon the real service does is not published
_NOT_ISSUED = ("CertificateIssuanceFailed", "The certificate could not be issued.")  # as for the code


class Issuing:
    """Makes versions, at once or when the clock says so.

    A creation stays pending for *duration*; *faults* says which take longer or fail. Making an RSA key holds everything
    up for a tenth of a second or more, so it is done when a version is asked for or renewed, never when one is read.
    """

    def __init__(self, state: KeyVaultState, clock: Clock, duration: timedelta, faults: Faults | None = None) -> None:
        self._faults = faults
        self._state = state
        self._clock = clock
        self._duration = duration
        clock.on(_ISSUE, self._issue)
        clock.on(_RENEW, self._renew)

    def begin(self, vault: Vault, certificate: Certificate, tags: dict[str, str], *, enabled: bool) -> None:
        """Make key and signing request of the certificate's next version, which its `pending` stands for.

        With issuer `Self` it completes by itself; else somebody signs the request and merges the result.
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
        )
        self._schedule_issue(vault, certificate)

    def complete(self, vault: Vault, certificate: Certificate, pending: Pending, certificates: list[str]) -> Version:
        """The version that *pending* stood for, with its leaf and what else belongs to it, both PEM."""
        version = self._version(certificate, pending.version_id, pending.key, certificates)
        version.enabled, version.tags = pending.enabled, pending.tags
        pending.status = COMPLETED
        return self._keep(vault, certificate, version)

    def add(
        self, vault: Vault, certificate: Certificate, content: Content, tags: dict[str, str], *, enabled: bool
    ) -> Version:
        """A version made elsewhere; what was pending before is forgotten."""
        version = self._version(certificate, uuid.uuid4().hex, x509.key_pem(content.key), content.pems)
        version.enabled, version.tags = enabled, tags
        certificate.pending = None
        return self._keep(vault, certificate, version)

    def schedule_renewal(self, vault: Vault, certificate: Certificate) -> None:
        """Put the certificate's next renewal into the queue, in place of what is there."""
        self.stop_renewal(vault, certificate)
        due = next_renewal(certificate)
        if due is not None:
            self._clock.schedule(max(due, self._clock.now()), _RENEW, vault.name, certificate.name)

    def stop_renewal(self, vault: Vault, certificate: Certificate) -> None:
        """Take the certificate's next renewal out of the queue."""
        self._clock.cancel(_RENEW, vault.name, certificate.name)

    def resume(self, vault: Vault, certificate: Certificate) -> None:
        """Go on with a certificate that was deleted for a while, alone or with its vault."""
        self._schedule_issue(vault, certificate)
        self.schedule_renewal(vault, certificate)

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

    def _keep(self, vault: Vault, certificate: Certificate, version: Version) -> Version:
        certificate.versions[version.id] = version
        self.schedule_renewal(vault, certificate)
        self._clock.touch()
        return version

    def _schedule_issue(self, vault: Vault, certificate: Certificate) -> None:
        pending = certificate.operation
        if pending and pending.status == IN_PROGRESS and pending.issuer.lower() == SELF:
            effect = self._struck(vault, certificate)
            if effect and effect.name == happenings.FAILED:
                pending.error = (effect.code or _NOT_ISSUED[0], effect.message or _NOT_ISSUED[1])
            late = timedelta(seconds=effect.seconds if effect else 0)
            due = self._clock.now() + self._duration + late
            self._clock.schedule(due, _ISSUE, vault.name, certificate.name, pending.request_id)

    def _struck(self, vault: Vault, certificate: Certificate) -> Effect | None:
        name = f"{vault.name}/{certificate.name}"
        rule = self._faults and self._faults.strike(happenings.DOMAIN, happenings.CERTIFICATE_ISSUANCE, name)
        return rule.effect if rule else None

    def _issue(self, vault_name: str, name: str, request_id: str) -> None:
        vault, certificate = self._find(vault_name, name)
        pending = certificate.operation if certificate else None
        if vault is None or certificate is None or pending is None or pending.request_id != request_id:
            return
        if pending.status != IN_PROGRESS:
            return
        if pending.cancellation_requested:
            pending.status = CANCELLED
        elif any(pending.error):
            self._fail(vault, certificate, pending)
        else:
            made = x509.self_signed(certificate.policy, x509.load_key(pending.key), self._clock.now())
            self.complete(vault, certificate, pending, [made])

    def _fail(self, vault: Vault, certificate: Certificate, pending: Pending) -> None:
        pending.status = FAILED
        due, now = next_renewal(certificate), self._clock.now()
        if due is not None and due <= now:
            self._clock.schedule(now + _TRY_AGAIN, _RENEW, vault.name, certificate.name)

    def _renew(self, vault_name: str, name: str) -> None:
        """The lifetime action AutoRenew: a creation like any other, unless one is in progress already."""
        vault, certificate = self._find(vault_name, name)
        current = certificate.current if certificate else None
        if vault is None or certificate is None or current is None:
            return
        due = next_renewal(certificate)
        if due is None or due > self._clock.now():  # the event is an earlier namesake's
            return
        if certificate.operation is None or certificate.operation.status != IN_PROGRESS:
            self.begin(vault, certificate, dict(current.tags), enabled=True)

    def _find(self, vault_name: str, name: str) -> tuple[Vault | None, Certificate | None]:
        vault = self._state.vaults.get(vault_name.lower())
        return vault, vault.certificates.get(name.lower()) if vault else None
