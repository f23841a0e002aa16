"""Each service speaks several api-versions, each with the fields it has, and refuses others in its own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_azure.serving import LocalAzure
from tests.conformance.speaker import Speaker
from tools.conformance.exchanges import Exchange

UNKNOWN = "1999-01-01"
GROUP = "/subscriptions/{AZURE_SUBSCRIPTION_ID}/resourceGroups/{AZURE_RESOURCE_GROUP}"
MANAGER = "https://management.azure.com"
VAULT = "https://kv-versions.vault.azure.net"
READS = {  # an address that answers 200, by the service that it is of
    "authorization": f"{MANAGER}{GROUP}/providers/Microsoft.Authorization/roleAssignments",
    "batch": f"{MANAGER}{GROUP}/providers/Microsoft.Batch/batchAccounts",
    "batch-data": "https://{AZURE_BATCH_ACCOUNT}.westus2.batch.azure.com/pools",
    "keyvault-certificates": f"{VAULT}/certificates",
    "keyvault-management": f"{MANAGER}{GROUP}/providers/Microsoft.KeyVault/vaults",
    "keyvault-secrets": f"{VAULT}/secrets",
    "locks": f"{MANAGER}{GROUP}/providers/Microsoft.Authorization/locks",
    "msi": f"{MANAGER}{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
    "providers": f"{MANAGER}/subscriptions/{{AZURE_SUBSCRIPTION_ID}}/providers",
    "resources": f"{MANAGER}{GROUP}",
}
UNKNOWN_SAYS = {
    "authorization": (
        "NoRegisteredProviderFound",
        "No registered resource provider found for API version '1999-01-01' for type 'roleAssignments'.",
    ),
    "batch": (
        "NoRegisteredProviderFound",
        "No registered resource provider found for API version '1999-01-01' for type 'batchAccounts'.",
    ),
    "batch-data": ("UnsupportedRequestVersion", "The specified request version is not supported."),
    "keyvault-certificates": ("BadParameter", "The specified version (1999-01-01) is not recognized."),
    "keyvault-management": (
        "NoRegisteredProviderFound",
        "No registered resource provider found for API version '1999-01-01' for type 'vaults'.",
    ),
    "keyvault-secrets": ("BadParameter", "The specified version (1999-01-01) is not recognized."),
    "locks": (
        "NoRegisteredProviderFound",
        "No registered resource provider found for API version '1999-01-01' for type 'locks'.",
    ),
    "msi": (
        "NoRegisteredProviderFound",
        "No registered resource provider found for API version '1999-01-01' for type 'userAssignedIdentities'.",
    ),
    "providers": (
        "InvalidApiVersionParameter",
        "The api-version '1999-01-01' is invalid. The supported versions are '",
    ),
    "resources": (
        "InvalidApiVersionParameter",
        "The api-version '1999-01-01' is invalid. The supported versions are '",
    ),
}
MISSING_SAYS = {
    "batch-data": "MissingRequiredQueryParameter",
    "keyvault-certificates": "BadParameter",
    "keyvault-secrets": "BadParameter",
}


@pytest.fixture(scope="module")
def read(playground: LocalAzure, speaker: Speaker) -> Callable[[str, str], Exchange]:
    """Reads the address of a service in an api-version; the vault is made first."""
    properties = {
        "tenantId": playground.env["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    path = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-versions".format(**playground.env)
    body = {"location": "westus2", "properties": properties}
    speaker.do("PUT", f"{MANAGER}{path}?api-version=2023-07-01", body)

    def ask(service: str, version: str) -> Exchange:
        query = f"?api-version={version}" if version else ""
        return speaker.ask("GET", READS[service].format(**playground.env) + query)

    return ask


@pytest.fixture(scope="module")
def versions(playground: LocalAzure) -> dict[str, frozenset[str]]:
    """The api-versions of each service."""
    return {table.service: table.api_versions for table in playground.cloud.router.tables()}


def refusal(exchange: Exchange) -> tuple[int, str, str]:
    body = json.loads(exchange.response_body)
    error = body.get("error", body)
    message = error["message"]
    return exchange.status, error["code"], message if isinstance(message, str) else message["value"]


@pytest.mark.parametrize("service", READS)
def test_each_of_its_versions_is_spoken(
    read: Callable[[str, str], Exchange], versions: dict[str, frozenset[str]], service: str
) -> None:
    """There are several, and each answers."""
    assert len(versions[service]) > 1
    assert {version: read(service, version).status for version in versions[service]} == dict.fromkeys(
        versions[service], 200
    )


@pytest.mark.parametrize("service", READS)
def test_an_unknown_version_is_refused(read: Callable[[str, str], Exchange], service: str) -> None:
    """400, with the service's own code and words."""
    status, code, message = refusal(read(service, UNKNOWN))
    assert (status, code) == (400, UNKNOWN_SAYS[service][0])
    assert message.startswith(UNKNOWN_SAYS[service][1])


@pytest.mark.parametrize("service", READS)
def test_a_missing_version_is_refused(read: Callable[[str, str], Exchange], service: str) -> None:
    """400, too."""
    status, code, _ = refusal(read(service, ""))
    assert (status, code) == (400, MISSING_SAYS.get(service, "MissingApiVersionParameter"))


def test_no_service_is_left_out(versions: dict[str, frozenset[str]]) -> None:
    """Every service that has versions is asked above, or shares the versions of one that is."""
    asked = {versions[service] for service in READS}
    others = {"imds"}  # by machines alone; see the tests of its room
    left_out = {service for service, known in versions.items() if known and known not in asked}
    assert left_out <= others


def pool_of(speaker: Speaker, azure: LocalAzure, version: str) -> Any:
    """A pool with all that has come and gone, as *version* of Batch's management shows it."""
    url = f"{MANAGER}{GROUP}/providers/Microsoft.Batch/batchAccounts/{{AZURE_BATCH_ACCOUNT}}/pools/versions"
    return speaker.do("GET", f"{url.format(**azure.env)}?api-version={version}")["properties"]


@pytest.fixture(scope="module")
def versioned_pool(playground: LocalAzure, speaker: Speaker) -> str:
    """A pool whose properties differ by version; returns its name."""
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
    }
    properties = {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "targetNodeCommunicationMode": "Simplified",
        "resourceTags": {"team": "render"},
    }
    url = f"{MANAGER}{GROUP}/providers/Microsoft.Batch/batchAccounts/{{AZURE_BATCH_ACCOUNT}}/pools/versions"
    speaker.do("PUT", f"{url.format(**playground.env)}?api-version=2024-02-01", {"properties": properties})
    return "versions"


@pytest.mark.parametrize(
    ("version", "has"), [("2023-11-01", True), ("2024-02-01", True), ("2024-07-01", True), ("2025-06-01", False)]
)
def test_a_pool_has_the_fields_of_the_version(
    playground: LocalAzure, speaker: Speaker, versioned_pool: str, version: str, has: bool
) -> None:
    """Both planes drop the mode of node communication in 2025-06-01; the data plane says the same of the same pool."""
    modes = {"targetNodeCommunicationMode", "currentNodeCommunicationMode"}
    assert modes & set(pool_of(speaker, playground, version)) == (modes if has else set())
    spoken = {"2024-02-01": "2024-02-01.19.0", "2024-07-01": "2024-07-01.20.0", "2025-06-01": "2025-06-01"}
    if version in spoken:
        host = f"https://{playground.env['AZURE_BATCH_ACCOUNT']}.westus2.batch.azure.com"
        shown = speaker.do("GET", f"{host}/pools/{versioned_pool}?api-version={spoken[version]}")
        assert modes & set(shown) == (modes if has else set())


@pytest.mark.parametrize(("version", "rbac"), [("2023-07-01", False), ("2024-11-01", False), ("2026-02-01", True)])
def test_a_new_vault_has_the_access_model_of_the_version(
    playground: LocalAzure, speaker: Speaker, version: str, rbac: bool
) -> None:
    """From 2026-02-01 on a vault that says nothing uses RBAC."""
    name = f"kv-versions-{version.replace('-', '')}"
    url = f"{MANAGER}{GROUP}/providers/Microsoft.KeyVault/vaults/{name}?api-version={version}"
    sku = {"family": "A", "name": "standard"}
    properties: dict[str, Any] = {"tenantId": playground.env["AZURE_TENANT_ID"], "sku": sku}
    if not rbac:
        properties["accessPolicies"] = []
    made = speaker.do("PUT", url.format(**playground.env), {"location": "westus2", "properties": properties})
    assert bool(made["properties"].get("enableRbacAuthorization")) is rbac


@pytest.mark.parametrize(("version", "has"), [("7.0", False), ("7.1", True), ("7.5", True), ("2026-04-01", True)])
def test_an_object_of_a_vault_has_the_fields_of_the_version(
    read: Callable[[str, str], Exchange], speaker: Speaker, version: str, has: bool
) -> None:
    """How many days it can be recovered is told from 7.1 on."""
    speaker.do("PUT", f"{VAULT}/secrets/one?api-version=7.5", {"value": "x"})
    shown = speaker.do("GET", f"{VAULT}/secrets/one?api-version={version}")
    assert shown["attributes"]["recoveryLevel"] == "Recoverable+Purgeable"
    assert ("recoverableDays" in shown["attributes"]) is has
