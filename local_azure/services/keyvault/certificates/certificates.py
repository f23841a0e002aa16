"""Certificates: their policy and their versions; knows no HTTP."""

from __future__ import annotations

import re
from dataclasses import replace

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.certificates.issuing import IN_PROGRESS, Issuing
from local_azure.services.keyvault.certificates.lifetime import Lifetime
from local_azure.services.keyvault.pki.content import looks_like_pem, read_content
from local_azure.services.keyvault.pki.imported import policy_of
from local_azure.services.keyvault.policies.body import check_policy, read_policy
from local_azure.services.keyvault.policies.policy import PEM, Policy
from local_azure.services.keyvault.state.certificates import Certificate, Version
from local_azure.services.keyvault.state.vaults import Vault

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")


def check_name(name: str) -> None:
    """Raises: AzureError 400 for a name that no certificate, key or secret can have."""
    if not _NAME.fullmatch(name):
        raise errors.invalid_name(name)


class Certificates:
    """The certificates of every vault."""

    def __init__(self, issuing: Issuing, lifetime: Lifetime, clock: Clock) -> None:
        self._issuing = issuing
        self._lifetime = lifetime
        self._clock = clock

    def create(self, vault: Vault, name: str, body: Body) -> Certificate:
        """Begin a new version, of a new certificate or of an existing one; its `pending` tells how far it is.

        Raises: AzureError 400 for a policy that is refused, 409 where the name belongs to a soft-deleted certificate
        or another creation is in progress.
        """
        known = self.writable(vault, name)
        if "policy" not in body and known is None:
            raise errors.invalid_value("policy", "a new certificate needs one")
        policy = (
            self._new_policy(vault, body.part("policy"), known) if "policy" in body or known is None else known.policy
        )
        enabled, tags = body.part("attributes").flag("enabled", default=True), body.tags({})
        certificate = known or Certificate(name, policy)
        certificate.policy = policy
        self._issuing.begin(vault, certificate, tags, enabled=enabled)
        vault.certificates[name.lower()] = certificate
        return certificate

    def bring_in(self, vault: Vault, name: str, body: Body) -> tuple[Certificate, Version]:
        """Import a version that was made elsewhere, of a new certificate or of an existing one.

        An existing policy stays unless *body* has one; the certificate itself says what it says of itself.
        Raises: AzureError 400, 409 as `create` does.
        """
        known = self.writable(vault, name)
        now = self._clock.now()
        base = known.policy if known else Policy(created=now, updated=now)
        policy = read_policy(body.part("policy"), base, now, new=known is None)
        if "contentType" not in body.part("policy").part("secret_props") and looks_like_pem(body.text("value", "")):
            policy = replace(policy, content_type=PEM)
        content = read_content(body.text("value", ""), body.text("pwd", ""), policy.content_type, now)
        policy = policy_of(content, policy)
        check_policy(policy, vault.issuers)
        enabled, tags = body.part("attributes").flag("enabled", default=True), body.tags({})
        certificate = known or Certificate(name, policy)
        certificate.policy = policy
        version = self._issuing.add(vault, certificate, content, tags, enabled=enabled)
        vault.certificates[name.lower()] = certificate
        return certificate, version

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
        if known and known.operation and known.operation.status == IN_PROGRESS:
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

    def versions(self, vault: Vault, name: str) -> tuple[Certificate, list[Version]]:
        """A certificate and its versions in the order of their ids, as Key Vault lists them. Raises: AzureError 404."""
        certificate = self.get(vault, name)
        return certificate, [version for _, version in sorted(certificate.versions.items())]

    def all(self, vault: Vault, *, with_pending: bool) -> list[Certificate]:
        """The certificates of the vault by name; *with_pending*: those too that have no version yet."""
        certificates = [certificate for _, certificate in sorted(vault.certificates.items())]
        return [certificate for certificate in certificates if certificate.current or with_pending]

    def update(self, vault: Vault, name: str, version: str, body: Body) -> tuple[Certificate, Version]:
        """Change the attributes and tags of a version. Raises: AzureError 404, 400."""
        certificate, found = self.version(vault, name, version)
        enabled, tags = body.part("attributes").flag("enabled", found.enabled), body.tags(found.tags)
        if "policy" in body:
            self.update_policy(vault, name, body.part("policy"))
        found.enabled, found.tags, found.updated = enabled, tags, self._clock.now()
        return certificate, found

    def update_policy(self, vault: Vault, name: str, body: Body) -> Certificate:
        """Change what *body* gives; the next version and the next renewal follow it. Raises: AzureError 404, 400."""
        certificate = self.get(vault, name)
        policy = read_policy(body, certificate.policy, self._clock.now())
        check_policy(policy, vault.issuers)
        certificate.policy = policy
        self._lifetime.schedule(vault, certificate)
        return certificate

    def resume(self, vault: Vault) -> None:
        """Go on with everything in a vault that was deleted for a while."""
        for certificate in vault.certificates.values():
            self._lifetime.resume(vault, certificate)

    def _new_policy(self, vault: Vault, body: Body, known: Certificate | None) -> Policy:
        now = self._clock.now()
        policy = read_policy(body, Policy(created=now, updated=now), now, new=True)
        check_policy(policy, vault.issuers)
        return replace(policy, created=known.policy.created) if known else policy
