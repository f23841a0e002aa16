"""Certificates: their policy and their versions; knows no HTTP."""

from __future__ import annotations

import re
from dataclasses import replace

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.issuing import IN_PROGRESS, Issuing
from local_azure.services.keyvault.policy import SELF, UNKNOWN, Policy
from local_azure.services.keyvault.policy_body import read_policy
from local_azure.services.keyvault.state import Certificate, Vault, Version

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")


def check_name(name: str) -> None:
    """Raises: AzureError 400 for a name that no certificate, key or secret can have."""
    if not _NAME.fullmatch(name):
        raise errors.invalid_name(name)


class Certificates:
    """The certificates of every vault."""

    def __init__(self, issuing: Issuing, clock: Clock) -> None:
        self._issuing = issuing
        self._clock = clock

    def create(self, vault: Vault, name: str, body: Body) -> Certificate:
        """Begin a new version, of a new certificate or of an existing one; its `pending` tells how far it is.

        Raises: AzureError 400 for a policy that is refused, 409 where the name belongs to a soft-deleted certificate
        or another creation is in progress.
        """
        known = self.writable(vault, name)
        if "policy" not in body and known is None:
            raise errors.invalid_value("policy", "a new certificate needs one")
        policy = self._new_policy(body.part("policy"), known) if "policy" in body or known is None else known.policy
        enabled = body.part("attributes").flag("enabled", default=True)
        tags = body.tags({})
        certificate = known or Certificate(name, policy)
        certificate.policy = policy
        vault.certificates[name.lower()] = certificate
        self._issuing.begin(vault, certificate, tags, enabled=enabled)
        return certificate

    def writable(self, vault: Vault, name: str) -> Certificate | None:
        """The certificate that has *name* now, or None where the name is free.

        Raises: AzureError 400 for a bad name, 409 where it cannot have a new version now.
        """
        check_name(name)
        if name.lower() in vault.deleted_certificates:
            raise errors.deleted_but_recoverable("certificate", name)
        if name.lower() in vault.secrets or name.lower() in vault.deleted_secrets:
            raise errors.name_in_use("secret", name)
        known = vault.certificates.get(name.lower())
        if known and known.pending and known.pending.status == IN_PROGRESS:
            raise errors.pending_in_progress()
        return known

    def get(self, vault: Vault, name: str) -> Certificate:
        """The certificate. Raises: AzureError 404 `CertificateNotFound`."""
        certificate = vault.certificates.get(name.lower())
        if certificate is None:
            raise errors.object_not_found("certificate", name)
        return certificate

    def version(self, vault: Vault, name: str, version: str = "") -> tuple[Certificate, Version]:
        """A certificate and one of its versions, the current one by default.

        Raises: AzureError 404 `CertificateNotFound`.
        """
        certificate = self.get(vault, name)
        found = certificate.versions.get(version.lower()) if version else certificate.current
        if found is None:
            raise errors.object_not_found("certificate", f"{name}/{version}" if version else name)
        return certificate, found

    def update(self, vault: Vault, name: str, version: str, body: Body) -> tuple[Certificate, Version]:
        """Change the attributes and tags of a version. Raises: AzureError 404, 400."""
        certificate, found = self.version(vault, name, version)
        enabled = body.part("attributes").flag("enabled", found.enabled)
        found.tags = body.tags(found.tags)
        found.enabled = enabled
        found.updated = self._clock.now()
        if "policy" in body:
            self.update_policy(vault, name, body.part("policy"))
        return certificate, found

    def update_policy(self, vault: Vault, name: str, body: Body) -> Certificate:
        """Change what *body* gives; the next version and the next renewal follow it. Raises: AzureError 404, 400."""
        certificate = self.get(vault, name)
        policy = read_policy(body, certificate.policy, self._clock.now())
        _check_issuer(policy)
        certificate.policy = policy
        self._issuing.schedule_renewal(vault, certificate)
        return certificate

    def resume(self, vault: Vault) -> None:
        """Go on with everything in a vault that was deleted for a while."""
        for certificate in vault.certificates.values():
            self._issuing.resume(vault, certificate)

    def _new_policy(self, body: Body, known: Certificate | None) -> Policy:
        now = self._clock.now()
        policy = read_policy(body, Policy(created=now, updated=now), now)
        _check_issuer(policy)
        return replace(policy, created=known.policy.created) if known else policy


def _check_issuer(policy: Policy) -> None:
    """Vaults here have no certificate authorities of their own, so a policy can name the two reserved words only."""
    if policy.issuer.lower() not in {SELF, UNKNOWN}:
        raise errors.issuer_not_found(policy.issuer)
