"""The settings of KeyVaultForLinux, read as strictly and as loosely as the extension reads them.

Faults are told in the words of its JSON library (cpprestsdk: "not an object", "not a string"), since those are what
people find in the status file and search for. Source: Key Vault VM extension for Linux, extension schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

DEFAULT_STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
_DEFAULT_ENDPOINT = "http://169.254.169.254/metadata/identity"
_DEFAULT_INTERVAL = "3600"
_PER_CERTIFICATE = 3  # from this major version on, each certificate has its own store, link name and access list


class SettingsError(Exception):
    """The settings cannot be read; the text is the JSON library's."""


@dataclass(frozen=True)
class Reader:
    """Whom an access list lets read a certificate. *group* may be ""."""

    user: str
    group: str


@dataclass(frozen=True)
class Observed:
    """A certificate to keep on the node.

    *url* is the secret's, as given; *store* a folder of the node; *link* the configured link name or "".
    """

    url: str
    store: str
    link: str = ""
    readers: tuple[Reader, ...] = ()

    @property
    def host(self) -> str:
        """The vault's host name, "" where the URL has none."""
        return urlsplit(self.url).hostname or ""

    @property
    def vault(self) -> str:
        """The vault's name."""
        return self.host.partition(".")[0]

    @property
    def name(self) -> str:
        """The certificate's name."""
        parts = urlsplit(self.url).path.strip("/").split("/")
        return parts[1] if len(parts) > 1 else ""


@dataclass(frozen=True)
class Authentication:
    """How to get a token. *token_url* is IMDS's; *client_id* the identity's, or ""."""

    token_url: str
    client_id: str


@dataclass(frozen=True)
class Settings:
    """All that the extension was told. *authentication* is None where there was none."""

    certificates: tuple[Observed, ...]
    interval: timedelta
    initial_sync: bool
    authentication: Authentication | None


def parse_settings(given: Any, major: int) -> Settings:
    """Read the public settings for the handler's *major* version. Raises: SettingsError at the first fault."""
    settings = _object(given)
    secrets = _object(settings.get("secretsManagementSettings"))
    return Settings(
        certificates=tuple(_observed(item, secrets, major) for item in _array(secrets.get("observedCertificates"))),
        interval=timedelta(seconds=_number(_string(secrets.get("pollingIntervalInS", _DEFAULT_INTERVAL)))),
        initial_sync=_boolean(secrets.get("requireInitialSync", False)),
        authentication=_authentication(settings.get("authenticationSettings")),
    )


def _observed(item: Any, secrets: dict[str, Any], major: int) -> Observed:
    store = _string(secrets.get("certificateStoreLocation", DEFAULT_STORE))
    if isinstance(item, str) or major < _PER_CERTIFICATE:
        return Observed(url=_string(item), store=store)
    own = _object(item)
    with_acls = _boolean(secrets.get("aclEnabled", False))
    return Observed(
        url=_string(own.get("url")),
        store=_string(own.get("certificateStoreLocation", store)),
        link=_string(own.get("customSymbolicLinkName", "")),
        readers=tuple(_reader(entry) for entry in _array(own.get("acls", []))) if with_acls else (),
    )


def _reader(entry: Any) -> Reader:
    fields = _object(entry)
    return Reader(user=_string(fields.get("user", "")), group=_string(fields.get("group", "")))


def _authentication(given: Any) -> Authentication | None:
    if given is None:
        return None
    fields = _object(given)
    # Both forms are in use: with and without the last two segments.
    endpoint = _string(fields.get("msiEndpoint", _DEFAULT_ENDPOINT)).rstrip("/").removesuffix("/oauth2/token")
    return Authentication(token_url=f"{endpoint}/oauth2/token", client_id=_string(fields.get("msiClientId", "")))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError("not an object")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SettingsError("not an array")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError("not a string")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise SettingsError("not a boolean")
    return value


def _number(text: str) -> int:
    if not text.strip().isdecimal() or int(text) == 0:
        raise SettingsError("stoi")
    return int(text)
