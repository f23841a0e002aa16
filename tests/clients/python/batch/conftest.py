"""An account's client, and a pool whose node runs the Key Vault extension."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


@pytest.fixture(scope="session")
def endpoint(azure: Any) -> str:
    """Where the account answers that is there from the start."""
    return f"https://{azure.env['AZURE_BATCH_ACCOUNT']}.westus2.batch.azure.com"


@pytest.fixture(scope="session")
def batch(sdk: Any, credential: Any, endpoint: str) -> Any:
    """Its client."""
    return sdk.client("azure.batch.BatchClient", endpoint, credential)


@pytest.fixture(scope="session")
def states(sdk: Any, batch: Any) -> Callable[[str], list[str]]:
    """The states of a pool's nodes."""
    return lambda pool: [node.state for node in sdk.all(batch.list_nodes(pool, select=["id", "state"]))]


@pytest.fixture(scope="session")
def steady(sdk: Any, batch: Any, states: Callable[[str], list[str]]) -> Callable[[str, int], None]:
    """Waits until a pool has so many nodes, all idle, and is not resizing."""

    def wait(pool: str, nodes: int) -> None:
        sdk.until(lambda: states(pool), lambda seen: seen == ["idle"] * nodes)
        sdk.until(lambda: sdk.done(batch.get_pool(pool)).allocation_state, lambda state: state == "steady")

    return wait


@pytest.fixture(scope="session")
def reader(sdk: Any, credential: Any, azure: Any, vault: str) -> Any:
    """An identity that may read the vault's secrets."""
    identities = sdk.client("azure.mgmt.msi.ManagedServiceIdentityClient", credential, azure.subscription)
    body = {"location": "westus2"}
    made = sdk.done(identities.user_assigned_identities.create_or_update(azure.group, f"reader-{sdk.name}", body))
    roles = sdk.client("azure.mgmt.authorization.AuthorizationManagementClient", credential, azure.subscription)
    definitions = f"/subscriptions/{azure.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    grant = {
        "role_definition_id": f"{definitions}/{SECRETS_USER}",
        "principal_id": made.principal_id,
        "principal_type": "ServicePrincipal",
    }
    group = f"/subscriptions/{azure.subscription}/resourceGroups/{azure.group}"
    scope = f"{group}/providers/Microsoft.KeyVault/vaults/{vault.split('/')[2].partition('.')[0]}"
    sdk.done(roles.role_assignments.create(scope, str(uuid.uuid4()), grant))
    return made


@pytest.fixture(scope="session")
def extension(sdk: Any, credential: Any, vault: str, reader: Any) -> dict[str, Any]:
    """The Key Vault extension, for a certificate of the vault."""
    from azure.keyvault.certificates import CertificatePolicy

    certificates = sdk.client("azure.keyvault.certificates.CertificateClient", vault, credential)
    policy = CertificatePolicy("Self", subject="CN=node.example.com", key_type="EC", key_curve_name="P-256")
    sdk.act(certificates, "create_certificate", "node", policy)
    observed = {"url": f"{vault}secrets/node", "certificateStoreLocation": "/var/lib/waagent/Store"}
    return {
        "name": "certificates",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "autoUpgradeMinorVersion": True,
        "settings": {
            "secretsManagementSettings": {"pollingIntervalInS": "3600", "observedCertificates": [observed]},
            "authenticationSettings": {"msiClientId": reader.client_id},
        },
    }


@pytest.fixture(scope="session")
def pool(  # noqa: PLR0917 - what a pool with an extension stands on
    sdk: Any, batch: Any, credential: Any, azure: Any, pool_body: Any, reader: Any, extension: Any, steady: Any
) -> Iterator[str]:
    """A pool with one idle node, the identity and the extension."""
    management = sdk.client("azure.mgmt.batch.BatchManagementClient", credential, azure.subscription)
    account, name = azure.env["AZURE_BATCH_ACCOUNT"], f"nodes-{sdk.name}"
    body = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {reader.id: {}}},
        "properties": pool_body(nodes=1, extensions=[extension]),
    }
    sdk.done(management.pool.create(azure.group, account, name, body))
    steady(name, 1)
    yield name
    sdk.poll(batch.begin_delete_pool(name, polling_interval=0))


@pytest.fixture
def node(sdk: Any, batch: Any, pool: str) -> str:
    """The id of a node."""
    return str(sdk.all(batch.list_nodes(pool))[0].id)
