"""Traps in what the extension is told to observe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batchcert.extension.pool_body import ExtensionBody, Field, PoolBody, shown
from batchcert.extension.secret_urls import parse_secret_url
from batchcert.extension.traps.trap import Severity, Sighting, rule
from batchcert.problems import Problem
from batchcert.spec import DEFAULT_STORE

_EXTENSION_DOCUMENT = "Key Vault virtual machine extension for Linux, extension schema"
HANDLER_PREFIX = (
    "/var/lib/waagent/Microsoft.Azure.KeyVault"  # the document's store, and the start of the handler's name
)


def _urls(pool: PoolBody) -> Iterator[Field]:
    for extension in pool.key_vault:
        yield from (url for url in extension.observed if not url.open)


def _refused(pool: PoolBody, code: str) -> Iterator[Sighting]:
    """The addresses that are refused with *code*."""
    for url in _urls(pool):
        try:
            parse_secret_url(url.text)
        except Problem as problem:
            if problem.code == code:
                yield Sighting(url.path, shown(url.value), problem.cure)


@rule(
    "pinned-secret-url",
    Severity.BREAKS,
    cause="a version's address always means that version, so a renewed certificate never reaches the nodes",
    cure="observe the address without its version",
    answer="observes versionless addresses only, and reports a pool whose extension is pinned",
    source="Key Vault virtual machine extension for Linux, note on observed certificates",
)
def _pinned_secret_url(pool: PoolBody) -> Iterator[Sighting]:
    for url in _urls(pool):
        try:
            secret = parse_secret_url(url.text)
        except Problem:
            continue
        if secret.version:
            what = f"the address of certificate {secret.name} ends in version {secret.version}"
            yield Sighting(url.path, what, f"observe {secret.versionless}")


@rule(
    "no-observed-certificates",
    Severity.BREAKS,
    cause="the extension fetches what observedCertificates lists, and nothing else",
    cure="list the secret's address of each certificate in secretsManagementSettings.observedCertificates",
    answer="refuses to configure an extension without certificates",
    source=_EXTENSION_DOCUMENT,
)
def _no_observed_certificates(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        entries = extension.secrets["observedCertificates"]
        if extension.settings.present and not entries.elements:
            what = "an empty list" if entries.value == [] else shown(entries.value) if entries.present else "not given"
            yield Sighting(entries.path, what)


def _by_form(pool: PoolBody, form: type, majors: str) -> Iterator[tuple[ExtensionBody, Field]]:
    for extension in pool.key_vault:
        entries = extension.secrets["observedCertificates"]
        if (
            extension.major
            and extension.major in majors
            and any(isinstance(one.value, form) for one in entries.elements)
        ):
            yield extension, entries


@rule(
    "strings-on-version-3",
    Severity.NOTES,
    cause="Batch's documents still show the older form; it gives no certificate a folder, link or readers of its own",
    cure='write {"url": ..., "certificateStoreLocation": ...} for each certificate',
    answer="writes objects for 3.0, and reads either form",
    source="Enable automatic certificate rotation in a Batch pool, 2026; " + _EXTENSION_DOCUMENT,
)
def _strings_on_version_3(pool: PoolBody) -> Iterator[Sighting]:
    for _, entries in _by_form(pool, str, "3"):
        yield Sighting(entries.path, "plain addresses under version 3, which takes an object for each certificate")


@rule(
    "objects-on-old-version",
    Severity.BREAKS,
    cause="an object with url, certificateStoreLocation and acls for each certificate came with 3.0",
    cure='set typeHandlerVersion to "3.0"',
    answer="writes the form of the version that is asked for",
    source=_EXTENSION_DOCUMENT,
)
def _objects_on_old_version(pool: PoolBody) -> Iterator[Sighting]:
    for extension, entries in _by_form(pool, Mapping, "12"):
        yield Sighting(entries.path, f"objects under version {extension.major}, which takes plain addresses")


def _acls(pool: PoolBody) -> Iterator[tuple[ExtensionBody, Field]]:
    for extension in pool.key_vault:
        for entry in extension.secrets["observedCertificates"].elements:
            yield from ((extension, acl) for acl in entry["acls"].elements)


@rule(
    "acls-switched-off",
    Severity.WEAKENS,
    cause="acls take effect only where secretsManagementSettings.aclEnabled is true",
    cure='add "aclEnabled": true to secretsManagementSettings',
    answer="switches acls on as soon as a certificate has readers",
    source=_EXTENSION_DOCUMENT,
)
def _acls_switched_off(pool: PoolBody) -> Iterator[Sighting]:
    for extension, acl in _acls(pool):
        if extension.secrets["aclEnabled"].value is not True:
            given = extension.secrets["aclEnabled"]
            yield Sighting(acl.path, f"aclEnabled is {shown(given.value) if given.present else 'not given'}")


@rule(
    "acl-names-nobody",
    Severity.WEAKENS,
    cause="an acl names a user that exists when the extension starts; Batch makes its task users on demand",
    cure="create a user in the image or the start task, and name that one",
    answer="takes names of Linux users only, and looks at owner, group and mode on the node",
    source="Key Vault virtual machine extension for Linux; Run tasks under user accounts in Batch",
)
def _acl_names_nobody(pool: PoolBody) -> Iterator[Sighting]:
    for _, acl in _acls(pool):
        user = acl["user"]
        if not user.text or user.text.lower().startswith("_azbatch"):
            yield Sighting(user.path, shown(user.value) if user.present else "no user is named")


@rule(
    "store-beside-handler",
    Severity.NOTES,
    cause=(
        "the folder's name is the beginning of the handler's, Microsoft.Azure.KeyVault.KeyVaultForLinux-VERSION, "
        "so a pattern for one also finds the other"
    ),
    cure=f"use {DEFAULT_STORE}",
    answer="uses the extension's own default store, and looks for handlers by their full name",
    source="Enable automatic certificate rotation in a Batch pool",
)
def _store_beside_handler(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        entries = extension.secrets["observedCertificates"].elements
        for store in (place["certificateStoreLocation"] for place in (extension.secrets, *entries)):
            if store.text.rstrip("/") == HANDLER_PREFIX:
                yield Sighting(store.path, f"the store is {shown(store.value)}")


@rule(
    "certificate-url-observed",
    Severity.BREAKS,
    cause="only the secret behind a certificate carries its private key",
    cure="observe the address under /secrets",
    answer="builds the secret's address from vault and certificate name",
    source="Key Vault virtual machine extension for Linux, note on observed certificates",
)
def _certificate_url_observed(pool: PoolBody) -> Iterator[Sighting]:
    return _refused(pool, "certificate-url-observed")


@rule(
    "not-a-secret-url",
    Severity.BREAKS,
    cause="the extension observes addresses of the form https://VAULT-HOST/secrets/NAME and fails on others",
    cure="use the certificate's secret identifier, without its version",
    answer="builds the secret's address from vault and certificate name",
    source="status message of the extension: URI must contain a hostname.",
)
def _not_a_secret_url(pool: PoolBody) -> Iterator[Sighting]:
    return _refused(pool, "not-a-secret-url")


RULES = (
    _pinned_secret_url,
    _certificate_url_observed,
    _not_a_secret_url,
    _no_observed_certificates,
    _objects_on_old_version,
    _acls_switched_off,
    _acl_names_nobody,
    _strings_on_version_3,
    _store_beside_handler,
)
