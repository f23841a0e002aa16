"""The address of the secret behind a certificate: what the extension is given to observe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from batchcert.problems import Problem

SECRET_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_VERSION = re.compile(r"[0-9a-zA-Z]{1,64}")
_HOST = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+", re.IGNORECASE)
_LONGEST = 2048


@dataclass(frozen=True)
class SecretUrl:
    """A secret of Key Vault: the vault's host in lower case, the name, and the version or "" for the newest."""

    host: str
    name: str
    version: str = ""

    @property
    def vault(self) -> str:
        """The vault's name: the first label of its host."""
        return self.host.partition(".")[0]

    @property
    def vault_url(self) -> str:
        """The vault's address, without a trailing slash."""
        return f"https://{self.host}"

    @property
    def versionless(self) -> str:
        """The address that always means the newest version, the only form that rotates."""
        return f"https://{self.host}/secrets/{self.name}"


def secret_url(vault_url: str, name: str) -> str:
    """The versionless address of the secret *name* in the vault at *vault_url*, with or without a trailing slash.

    Raises: Problem `not-a-vault-url`, `not-a-secret-url`.
    """
    parts = _split(vault_url)
    if parts is None or parts[1].strip("/"):
        raise Problem(
            "not-a-vault-url",
            what=f"{vault_url[:_LONGEST]!r} is not the address of a vault",
            cure="give it as https://VAULT.vault.azure.net, or with the suffix of the vault's cloud",
        )
    return parse_secret_url(f"https://{parts[0]}/secrets/{name}").versionless


def parse_secret_url(text: str) -> SecretUrl:
    """Read the address of a secret, with or without a version.

    Raises: Problem `certificate-url-observed` for one under /certificates or /keys, `not-a-secret-url` for the rest.
    """
    parts = _split(text)
    match parts[1].strip("/").split("/") if parts else []:
        case ["secrets", name, *version] if (
            parts and SECRET_NAME.fullmatch(name) and len(version) < 2 and all(map(_VERSION.fullmatch, version))
        ):
            return SecretUrl(parts[0], name, *version)
        case [("certificates" | "keys") as collection, name, *_] if parts and SECRET_NAME.fullmatch(name):
            raise Problem(
                "certificate-url-observed",
                what=f"{text!r} lies under /{collection}",
                cause="only the secret behind a certificate carries its private key",
                cure=f"observe {SecretUrl(parts[0], name).versionless}",
            )
    raise Problem(
        "not-a-secret-url",
        what=f"{text[:_LONGEST]!r} is not the address of a secret",
        cause="the extension observes addresses of the form https://VAULT-HOST/secrets/NAME",
        cure="use the certificate's secret identifier, without its version",
    )


def _split(text: str) -> tuple[str, str] | None:
    """Host in lower case and path of an https address that has nothing else, or None."""
    if len(text) > _LONGEST:
        return None
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    return (
        (host, parts.path)
        if parts.scheme == "https" and port in {None, 443} and plain and _HOST.fullmatch(host)
        else None
    )
