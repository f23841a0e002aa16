"""Traps in the request as a whole: its plane, its version, and which extensions it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from batchcert.extension.pool_body import Field, PoolBody, shown
from batchcert.extension.settings import EXTENSION_PUBLISHER, EXTENSION_TYPE
from batchcert.extension.traps.trap import Severity, Sighting, rule

FIRST_LASTING_API = "2025-06-01"
_EXTENSIONS = "Use extensions with Batch pools"


@rule(
    "data-plane-body",
    Severity.BREAKS,
    cause="Batch's data plane can give a pool no identity, and without one the extension cannot read Key Vault",
    cure="send the body to Azure Resource Manager, under properties, with identity beside them",
    answer="creates pools through the management plane",
    source="Configure managed identities in Batch pools; Azure/azure-sdk-for-net#54583",
)
def _data_plane_body(pool: PoolBody) -> Iterator[Sighting]:
    if pool.properties is pool.root:
        yield Sighting("properties", "the body describes a pool without properties, as the data plane takes it")


@rule(
    "key-vault-extension-missing",
    Severity.BREAKS,
    cause="nothing fetches the certificate",
    cure=f"add the extension {EXTENSION_TYPE} of {EXTENSION_PUBLISHER} under virtualMachineConfiguration.extensions",
    answer="gives the pool the extension, and reports a pool that has none",
    source=_EXTENSIONS,
)
def _key_vault_extension_missing(pool: PoolBody) -> Iterator[Sighting]:
    if not pool.key_vault and not any(extension.kind == "keyvaultforwindows" for extension in pool.extensions):
        yield Sighting(pool.machine["extensions"].path, f"{EXTENSION_TYPE} is not among the pool's extensions")


@rule(
    "extension-for-windows",
    Severity.BREAKS,
    cause="KeyVaultForWindows does not run on Linux, and batchcert looks after Linux nodes only",
    cure=f"use {EXTENSION_TYPE} on a Linux image",
    answer="looks after Linux nodes alone",
    source=_EXTENSIONS,
)
def _extension_for_windows(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.extensions:
        if extension.kind == "keyvaultforwindows":
            yield Sighting(extension.field["type"].path, shown(extension.field["type"].value))


@rule(
    "extension-publisher-wrong",
    Severity.BREAKS,
    cause="publisher and type name the extension together",
    cure=f'set publisher to "{EXTENSION_PUBLISHER}"',
    answer="writes publisher and type itself",
    source="Key Vault virtual machine extension for Linux, property values",
)
def _extension_publisher_wrong(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.key_vault:
        publisher = extension.field["publisher"]
        if not publisher.open and publisher.text.lower() != EXTENSION_PUBLISHER.lower():
            yield Sighting(publisher.path, shown(publisher.value) if publisher.present else "not given")


@rule(
    "custom-script-reserved",
    Severity.BREAKS,
    cause="Batch keeps the CustomScript extension for itself and refuses it in a pool",
    cure="do it in the start task",
    answer="uses a start task, and no extension but Key Vault's",
    source=_EXTENSIONS + ", prerequisites",
)
def _custom_script_reserved(pool: PoolBody) -> Iterator[Sighting]:
    for extension in pool.extensions:
        if extension.kind in {"customscript", "customscriptextension", "customscriptforlinux"}:
            yield Sighting(extension.field["type"].path, shown(extension.field["type"].value))


@rule(
    "certificates-retired",
    Severity.BREAKS,
    cause="Batch's own certificates are retired: 2025-06-01 has none, older versions answer CertificateRetired",
    cure="leave properties.certificates out; the extension brings the certificate",
    answer="uses Key Vault alone",
    source="Batch management REST 2025-06-01",
)
def _certificates_retired(pool: PoolBody) -> Iterator[Sighting]:
    certificates = pool.properties["certificates"]
    if certificates.elements:
        yield Sighting(certificates.path, f"{len(certificates.elements)} of Batch's own certificates")


@rule(
    "api-version-ending",
    Severity.WEAKENS,
    cause=f"the end of API versions before {FIRST_LASTING_API} is announced",
    cure=f"use {FIRST_LASTING_API}",
    answer=f"speaks {FIRST_LASTING_API}",
    source="Azure/Batch#140",
)
def _api_version_ending(pool: PoolBody) -> Iterator[Sighting]:
    version = pool.root["apiVersion"]
    if version.text and not version.open and version.text[:10] < FIRST_LASTING_API:
        yield Sighting(version.path, shown(version.value))


@rule(
    "proxy-agent-unconfirmed",
    Severity.NOTES,
    cause="the agent stands before the metadata service, where the extension gets its token; no document has both",
    cure="try it with one node before you rely on it",
    answer="does not switch it on",
    source="Batch management REST 2025-06-01, ProxyAgentSettings",
)
def _proxy_agent_unconfirmed(pool: PoolBody) -> Iterator[Sighting]:
    enabled = pool.machine["securityProfile"]["proxyAgentSettings"]["enabled"]
    if enabled.value is True:
        yield Sighting(enabled.path, "the proxy agent is on")


@rule(
    "placeholder-left",
    Severity.NOTES,
    cause="a placeholder says nothing, so no rule judges it",
    cure="fill it in and look again",
    answer="leaves it out of the corrected parameters",
    source="the document itself",
)
def _placeholder_left(pool: PoolBody) -> Iterator[Sighting]:
    yield from (Sighting(field.path, shown(field.value)) for field in _open_fields(pool.root))


def _open_fields(field: Field) -> Iterator[Field]:
    if field.open:
        yield field
    for inner in (*field.members.values(), *field.elements):
        yield from _open_fields(inner)


RULES = (
    _data_plane_body,
    _key_vault_extension_missing,
    _extension_for_windows,
    _extension_publisher_wrong,
    _custom_script_reserved,
    _certificates_retired,
    _api_version_ending,
    _proxy_agent_unconfirmed,
    _placeholder_left,
)
