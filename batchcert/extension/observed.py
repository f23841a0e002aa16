"""What a pool's extension observes, read from whatever settings it has: ours or anyone's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from batchcert.extension.secret_urls import parse_secret_url
from batchcert.extension.settings import EXTENSION_PUBLISHER, EXTENSION_TYPE, GUID
from batchcert.problems import Problem
from batchcert.spec import DEFAULT_STORE, Reader

USUAL_POLLING_SECONDS = 3600  # what Microsoft's own examples poll at
_LONGEST_SETTINGS = 1 << 20
_MOST_DIGITS = 7  # of a polling interval: longer than three months is none
_NEW_POOL = "and give it to a new pool: extensions do not change under nodes; `batchcert explain` corrects a body"


@dataclass(frozen=True)
class ObservedCertificate:
    """One certificate that a pool's nodes fetch.

    Attributes:
        vault: the vault's name.
        name: the certificate's name.
        pinned_version: the version it is pinned to, which never rotates, or "" where it is versionless.
        store: the folder on the node, without a trailing slash.
        link_name: the configured link, or "" for the extension's own name.
        readers: who besides root may read the key, as far as the extension applies it.
        vault_url: the vault's address, without a trailing slash.
    """

    vault: str
    name: str
    pinned_version: str
    store: str
    link_name: str
    readers: tuple[Reader, ...]
    vault_url: str


@dataclass(frozen=True)
class ExtensionView:
    """A pool's KeyVaultForLinux extension, as far as it can be read.

    Attributes:
        version: its typeHandlerVersion, "3.0", or "" where the pool does not say.
        certificates: what it observes, in the settings' order; entries that cannot be read are in *faults*.
        polling_interval_seconds: seconds between two looks; the documented example's where it cannot be read.
        client_id: the identity it asks a token for, or "".
        require_initial_sync: whether success waits for the first download.
        faults: what is wrong with the settings, each a trap of `batchcert explain`.
    """

    version: str
    certificates: tuple[ObservedCertificate, ...]
    polling_interval_seconds: int
    client_id: str
    require_initial_sync: bool
    faults: tuple[Problem, ...]


def find_extension(extensions: Iterable[Mapping[str, object]]) -> ExtensionView | None:
    """The KeyVaultForLinux extension among a pool's *extensions* in ARM's form, read; None where there is none."""
    for extension in extensions:
        kind = (str(extension.get("publisher")).lower(), str(extension.get("type")).lower())
        if kind == (EXTENSION_PUBLISHER.lower(), EXTENSION_TYPE.lower()):
            return read_extension(extension.get("settings"), str(extension.get("typeHandlerVersion") or ""))
    return None


def read_extension(settings: object, version: str = "") -> ExtensionView:
    """Read *settings*: an object, or the JSON text of one as Batch's data plane returns it.

    Any mixture of the three versions' forms is read. Nothing raises: what cannot be read becomes a fault.
    """
    whole = settings_object(settings)
    if whole is None:
        fault = Problem(
            "settings-not-an-object",
            what="the extension's settings are not a JSON object",
            cause="they were given as text, or not at all; the extension stops at 'not an object'",
            cure=f"write them as an object, {_NEW_POOL}",
        )
        return ExtensionView(version, (), USUAL_POLLING_SECONDS, "", require_initial_sync=False, faults=(fault,))
    secrets = _mapping(whole.get("secretsManagementSettings"))
    interval, faults = _interval(secrets.get("pollingIntervalInS"))
    client_id, identity_faults = _client_id(whole)
    faults += identity_faults
    certificates = tuple(_certificates(secrets, faults))
    initial_sync = secrets.get("requireInitialSync") is True
    return ExtensionView(version, certificates, interval, client_id, initial_sync, tuple(faults))


def settings_object(settings: object) -> Mapping[str, object] | None:
    """*settings* as an object, decoded where it is the JSON text of one; None where it is neither."""
    if isinstance(settings, str) and len(settings) <= _LONGEST_SETTINGS:
        try:
            settings = json.loads(settings)
        except (ValueError, RecursionError):
            return None
    return settings if isinstance(settings, Mapping) else None


def _certificates(secrets: Mapping[str, object], faults: list[Problem]) -> Iterator[ObservedCertificate]:
    entries = secrets.get("observedCertificates")
    if not isinstance(entries, list) or not entries:
        faults.append(
            Problem(
                "no-observed-certificates",
                what="the extension observes no certificate",
                cause="the extension fetches what observedCertificates lists, and nothing else",
                cure=f"list each certificate's secret there, {_NEW_POOL}",
            )
        )
        return
    for number, entry in enumerate(entries):
        own = _mapping({"url": entry} if isinstance(entry, str) else entry)
        try:
            url = parse_secret_url(str(own.get("url") or ""))
        except Problem as problem:
            what = f"observedCertificates[{number}]: {problem.what}"
            faults.append(Problem(problem.code, what=what, cause=problem.cause, cure=problem.cure))
            continue
        store = own.get("certificateStoreLocation") or secrets.get("certificateStoreLocation") or DEFAULT_STORE
        yield ObservedCertificate(
            vault=url.vault,
            name=url.name,
            pinned_version=url.version,
            store=str(store).rstrip("/") or "/",
            link_name=str(own.get("customSymbolicLinkName") or ""),
            readers=_readers(own.get("acls"), number, faults) if secrets.get("aclEnabled") is True else (),
            vault_url=url.vault_url,
        )


def _readers(acls: object, number: int, faults: list[Problem]) -> tuple[Reader, ...]:
    readers = []
    for acl in acls if isinstance(acls, list) else ():
        entry = _mapping(acl)
        try:
            readers.append(Reader(user=str(entry.get("user") or ""), group=str(entry.get("group") or "")))
        except ValidationError:
            what = f"observedCertificates[{number}]: {str(dict(entry))[:300]!r} names no user of the node"
            cause = "an acl names a user that exists when the extension starts"
            cure = f"name a user of the image or of the start task, {_NEW_POOL}"
            faults.append(Problem("acl-names-nobody", what=what, cause=cause, cure=cure))
    return tuple(readers)


def _interval(value: object) -> tuple[int, list[Problem]]:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
    if seconds > 0:
        return seconds, []
    what = f"pollingIntervalInS is {str(value)[:100]!r}; {USUAL_POLLING_SECONDS} seconds are assumed"
    cause = "it bounds how long a node lags behind a renewal, so a verdict needs it"
    cure = f'give whole seconds in quotes, "300" say, {_NEW_POOL}'
    return USUAL_POLLING_SECONDS, [Problem("polling-interval-out-of-range", what=what, cause=cause, cure=cure)]


def _client_id(whole: Mapping[str, object]) -> tuple[str, list[Problem]]:
    beside = _mapping(whole.get("authenticationSettings"))
    inside = _mapping(_mapping(whole.get("secretsManagementSettings")).get("authenticationSettings"))
    client_id = str(beside.get("msiClientId") or "")
    if not client_id and inside:
        fault = Problem(
            "authentication-settings-misplaced",
            what="authenticationSettings lies inside secretsManagementSettings",
            cause="the extension reads it beside secretsManagementSettings, and only there",
            cure=f"move it there, {_NEW_POOL}",
        )
        return "", [fault]
    if not client_id:
        fault = Problem(
            "authentication-settings-missing",
            what="the settings name no msiClientId",
            cause="without it the extension does not know which of the node's identities to use",
            cure=f"add authenticationSettings with msiEndpoint and msiClientId, {_NEW_POOL}",
        )
        return "", [fault]
    if not GUID.fullmatch(client_id):
        fault = Problem(
            "client-id-not-a-guid",
            what=f"msiClientId is {client_id[:300]!r}, no client id",
            cause="the extension asks for its token by the identity's client id, a GUID",
            cure=f"use the client id that the identity's own properties give, {_NEW_POOL}",
        )
        return client_id, [fault]
    return client_id, []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
