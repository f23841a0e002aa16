"""Secrets: ordinary ones, and the view of a certificate as a secret; knows no HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.certificates.bundles import leaf, secret_value
from local_azure.services.keyvault.certificates.certificates import check_name
from local_azure.services.keyvault.state.certificates import Version
from local_azure.services.keyvault.state.secrets import Secret, SecretVersion
from local_azure.services.keyvault.state.vaults import Vault

_LONGEST = 25 * 1024  # "Azure Key Vault service limits": bytes of a secret's value


@dataclass(frozen=True)
class SecretView:
    """A version of a secret as it is shown. *managed*: it belongs to a certificate, and *value* holds that one."""

    name: str
    version: str
    content_type: str
    enabled: bool
    created: datetime
    updated: datetime
    not_before: datetime | None
    expires: datetime | None
    tags: dict[str, str]
    managed: bool


class Secrets:
    """The secrets of every vault. A certificate's secret has the certificate's name and versions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def set(self, vault: Vault, name: str, body: Body) -> tuple[SecretView, str]:
        """Make a new version. Raises: AzureError 400, 403 for a certificate's secret, 409 for a deleted namesake."""
        check_name(name)
        self.check_ordinary(vault, name)
        if name.lower() in vault.deleted_secrets or name.lower() in vault.deleted_certificates:
            raise errors.deleted_but_recoverable("secret", name)
        if "value" not in body:
            raise errors.bad_parameter("Property value is required")
        value = body.text("value", "")
        if len(value.encode()) > _LONGEST:
            raise errors.invalid_value("value", f"it has more than {_LONGEST} bytes")
        version = self._version(body, value)
        secret = vault.secrets.setdefault(name.lower(), Secret(name))
        secret.versions[version.id] = version
        return ordinary(secret, version), value

    def get(self, vault: Vault, name: str, version: str = "") -> tuple[SecretView, str]:
        """A version, the current one by default, with its value.

        Raises: AzureError 404 `SecretNotFound`, 403 `SecretDisabled`.
        """
        view, value = self._certificate(vault, name, version) or self._secret(vault, name, version)
        if not view.enabled:
            raise errors.disabled("secret")
        return view, value

    def update(self, vault: Vault, name: str, version: str, body: Body) -> SecretView:
        """Change attributes, tags and content type of an ordinary secret's version. Raises: AzureError 404, 403."""
        self.check_ordinary(vault, name)
        secret, found = self._find(vault, name, version)
        attributes = body.part("attributes")
        found.content_type = body.text("contentType", found.content_type)
        found.enabled = attributes.flag("enabled", found.enabled)
        found.not_before = attributes.moment("nbf") or found.not_before
        found.expires = attributes.moment("exp") or found.expires
        found.tags = body.tags(found.tags)
        found.updated = self._clock.now()
        return ordinary(secret, found)

    def check_ordinary(self, vault: Vault, name: str) -> None:
        """Raises: AzureError 403 for a certificate's secret, which goes with the certificate alone."""
        if name.lower() in vault.certificates:
            raise errors.managed_secret(name)

    def all(self, vault: Vault) -> list[SecretView]:
        """The current version of every secret, by name."""
        plain = {key: ordinary(secret, secret.current) for key, secret in vault.secrets.items()}
        managed = {
            key: _managed(certificate.name, current)
            for key, certificate in vault.certificates.items()
            if (current := certificate.current)
        }
        return [view for _, view in sorted({**plain, **managed}.items())]

    def versions(self, vault: Vault, name: str) -> list[SecretView]:
        """Every version of a secret in the order of their ids; none for a name that is not known."""
        if certificate := vault.certificates.get(name.lower()):
            return [_managed(certificate.name, version) for _, version in sorted(certificate.versions.items())]
        secret = vault.secrets.get(name.lower())
        return [ordinary(secret, version) for _, version in sorted(secret.versions.items())] if secret else []

    def _certificate(self, vault: Vault, name: str, version: str) -> tuple[SecretView, str] | None:
        certificate = vault.certificates.get(name.lower())
        if certificate is None:
            return None
        found = certificate.versions.get(version.lower()) if version else certificate.current
        if found is None:
            raise errors.object_not_found("secret", f"{name}/{version}" if version else name)
        return _managed(certificate.name, found), secret_value(found)

    def _secret(self, vault: Vault, name: str, version: str) -> tuple[SecretView, str]:
        secret, found = self._find(vault, name, version)
        return ordinary(secret, found), found.value

    def _find(self, vault: Vault, name: str, version: str) -> tuple[Secret, SecretVersion]:
        secret = vault.secrets.get(name.lower())
        found = (secret.versions.get(version.lower()) if version else secret.current) if secret else None
        if secret is None or found is None:
            raise errors.object_not_found("secret", f"{name}/{version}" if version else name)
        return secret, found

    def _version(self, body: Body, value: str) -> SecretVersion:
        now, attributes = self._clock.now(), body.part("attributes")
        return SecretVersion(
            id=uuid.uuid4().hex,
            value=value,
            created=now,
            updated=now,
            content_type=body.text("contentType", ""),
            enabled=attributes.flag("enabled", default=True),
            not_before=attributes.moment("nbf"),
            expires=attributes.moment("exp"),
            tags=body.tags({}),
        )


def ordinary(secret: Secret, version: SecretVersion) -> SecretView:
    """A version of an ordinary secret as it is shown."""
    return SecretView(
        name=secret.name,
        version=version.id,
        content_type=version.content_type,
        enabled=version.enabled,
        created=version.created,
        updated=version.updated,
        not_before=version.not_before,
        expires=version.expires,
        tags=version.tags,
        managed=False,
    )


def _managed(name: str, version: Version) -> SecretView:
    shown = leaf(version)
    return SecretView(
        name=name,
        version=version.id,
        content_type=version.content_type,
        enabled=version.enabled,
        created=version.created,
        updated=version.updated,
        not_before=shown.not_before,
        expires=shown.expires,
        tags=version.tags,
        managed=True,
    )
