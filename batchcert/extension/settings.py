"""What the KeyVaultForLinux extension is told: its `settings` object, by major version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from batchcert.extension.secret_urls import secret_url
from batchcert.problems import Problem, raise_all
from batchcert.spec import CertificateSpec, ExtensionVersion

EXTENSION_NAME = "KVExtensions"
EXTENSION_TYPE = "KeyVaultForLinux"
EXTENSION_PUBLISHER = "Microsoft.Azure.KeyVault"
MSI_ENDPOINT = "http://169.254.169.254/metadata/identity"
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def extension_settings(
    *,
    version: ExtensionVersion,
    vault_url: str,
    certificates: Sequence[CertificateSpec],
    client_id: str,
    polling_interval_seconds: int,
    require_initial_sync: bool,
) -> dict[str, object]:
    """The public settings that make the extension observe *certificates* of one vault, versionless.

    *client_id* is the client id (a GUID) of a user-assigned identity that the pool has. *require_initial_sync* is
    left aside for 1.0, which does not know it.

    Raises: every fault at once, as Problem or Problems: `not-a-vault-url`, `no-observed-certificates`,
    `client-id-not-a-guid`, `polling-interval-out-of-range`, `certificate-named-twice`, `same-file-twice`,
    `one-store-only`, `extension-too-old`.
    Source: Key Vault virtual machine extension for Linux, extension schema.
    """
    raise_all([*_faults(version, vault_url, certificates, client_id, polling_interval_seconds)])
    secrets: dict[str, object] = {"pollingIntervalInS": str(polling_interval_seconds)}
    if version is not ExtensionVersion.V1:
        secrets["requireInitialSync"] = require_initial_sync
    if version is ExtensionVersion.V3:
        secrets |= {"aclEnabled": True} if any(certificate.readers for certificate in certificates) else {}
        secrets["observedCertificates"] = [_observed(vault_url, certificate) for certificate in certificates]
    else:
        secrets["certificateStoreLocation"] = certificates[0].store
        secrets["observedCertificates"] = [secret_url(vault_url, certificate.name) for certificate in certificates]
    return {
        "secretsManagementSettings": secrets,
        "authenticationSettings": {"msiEndpoint": MSI_ENDPOINT, "msiClientId": client_id},
    }


def _observed(vault_url: str, certificate: CertificateSpec) -> dict[str, object]:
    observed: dict[str, object] = {
        "url": secret_url(vault_url, certificate.name),
        "certificateStoreLocation": certificate.store,
    }
    if certificate.link_name:
        observed["customSymbolicLinkName"] = certificate.link_name
    if certificate.readers:
        observed["acls"] = [
            {"user": reader.user} | ({"group": reader.group} if reader.group else {}) for reader in certificate.readers
        ]
    return observed


def _faults(
    version: ExtensionVersion, vault_url: str, certificates: Sequence[CertificateSpec], client_id: str, interval: int
) -> Iterator[Problem]:
    try:
        secret_url(vault_url, "any")
    except Problem as problem:
        yield problem
    if not GUID.fullmatch(client_id):
        yield Problem(
            "client-id-not-a-guid",
            what=f"msiClientId would be {client_id[:300]!r}",
            cause="the extension asks for its token by the identity's client id, a GUID",
            cure="use the client id that the identity's own properties give",
        )
    if interval < 1:
        yield Problem(
            "polling-interval-out-of-range", what=f"a polling interval of {interval} seconds", cure="give 1 or more"
        )
    yield from _collisions(certificates)
    if version is not ExtensionVersion.V3:
        yield from _beyond_old_versions(version, certificates)


def _collisions(certificates: Sequence[CertificateSpec]) -> Iterator[Problem]:
    if not certificates:
        yield Problem("no-observed-certificates", what="there is no certificate to observe", cure="name at least one")
    for name in _repeated(certificate.name.lower() for certificate in certificates):
        yield Problem(
            "certificate-named-twice", what=f"certificate {name} is given more than once", cure="give it once"
        )
    places = (f"{one.store.rstrip('/')}/{one.link_name}" for one in certificates if one.link_name)
    for place in _repeated(places):
        yield Problem(
            "same-file-twice",
            what=f"several certificates would be linked as {place}",
            cure="give each its own link name",
        )


def _beyond_old_versions(version: ExtensionVersion, certificates: Sequence[CertificateSpec]) -> Iterator[Problem]:
    stores = sorted({certificate.store.rstrip("/") for certificate in certificates})
    if len(stores) > 1:
        yield Problem(
            "one-store-only",
            what=f"extension {version} would have to write to {len(stores)} folders: {', '.join(stores)}",
            cause="before 3.0 one certificateStoreLocation serves all certificates",
            cure="use extension 3.0, or one folder",
        )
    for certificate in certificates:
        asked = [field for field in ("link_name", "readers") if getattr(certificate, field)]
        if asked:
            yield Problem(
                "extension-too-old",
                what=f"certificate {certificate.name} asks for {' and '.join(asked)} of extension {version}",
                cause="link names and readers came with 3.0",
                cure="use extension 3.0, or leave them out",
            )


def _repeated(values: Iterator[str]) -> list[str]:
    return [value for value, group in groupby(sorted(values)) if len(list(group)) > 1]
