"""What provisioning and validating a pool sends, by Microsoft's own SDKs, and what goes wrong on the way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.batch import BatchClient
from azure.batch.models import (
    BatchJobCreateOptions,
    BatchNodeDisableSchedulingOptions,
    BatchNodeUserCreateOptions,
    BatchPoolInfo,
    BatchTaskCreateOptions,
)
from azure.core import MatchConditions
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.keyvault.secrets import SecretClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from local_azure.serving import LocalAzure
from tests.conformance.waiting import until

REGION, VAULT, POOL = "westus2", "kv-journey", "journey"
_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


@dataclass
class Clients:
    """One client of each kind, signed in as the environment says."""

    group: str
    account: str
    subscription: str
    identities: ManagedServiceIdentityClient
    roles: AuthorizationManagementClient
    vaults: KeyVaultManagementClient
    certificates: CertificateClient
    secrets: SecretClient
    pools: BatchManagementClient
    batch: BatchClient


@contextmanager
def clients(azure: LocalAzure) -> Iterator[Clients]:
    """Clients for *azure*, for whose proxy and CA the environment is set already."""
    credential, subscription = EnvironmentCredential(), azure.env["AZURE_SUBSCRIPTION_ID"]
    account, url = azure.env["AZURE_BATCH_ACCOUNT"], f"https://{VAULT}.vault.azure.net"
    with (
        ManagedServiceIdentityClient(credential, subscription) as identities,
        AuthorizationManagementClient(credential, subscription) as roles,
        KeyVaultManagementClient(credential, subscription) as vaults,
        CertificateClient(url, credential) as certificates,
        SecretClient(url, credential) as secrets,
        BatchManagementClient(credential, subscription) as pools,
        BatchClient(f"https://{account}.{REGION}.batch.azure.com", credential) as batch,
    ):
        group = azure.env["AZURE_RESOURCE_GROUP"]
        yield Clients(group, account, subscription, identities, roles, vaults, certificates, secrets, pools, batch)


def provision(to: Clients, tenant: str) -> None:
    """An identity, a vault with a certificate that it may read, and a pool that keeps that certificate fresh."""
    identity = to.identities.user_assigned_identities.create_or_update(to.group, "journey", {"location": REGION})
    properties = {"tenantId": tenant, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
    vault = to.vaults.vaults.begin_create_or_update(
        to.group, VAULT, {"location": REGION, "properties": properties}
    ).result()
    definition = f"/subscriptions/{to.subscription}/providers/Microsoft.Authorization/roleDefinitions/{_SECRETS_USER}"
    grant = {
        "role_definition_id": definition,
        "principal_id": identity.principal_id,
        "principal_type": "ServicePrincipal",
    }
    to.roles.role_assignments.create(vault.id, str(uuid.uuid4()), grant)
    to.certificates.begin_create_certificate("web", CertificatePolicy("Self", subject="CN=example.com")).result()
    body = {
        "properties": _pool(identity.client_id),
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}},
    }
    new = {"etag": "*", "match_condition": MatchConditions.IfMissing}
    to.pools.pool.create(to.group, to.account, POOL, body, **new)
    until(lambda: [node.state for node in to.batch.list_nodes(POOL)], lambda states: states == ["idle", "idle"])


def look(to: Clients) -> None:
    """Read all of it, by one and by list."""
    to.identities.user_assigned_identities.get(to.group, "journey")
    assert list(to.identities.user_assigned_identities.list_by_subscription())
    vault = to.vaults.vaults.get(to.group, VAULT)
    assert list(to.vaults.vaults.list_by_resource_group(to.group))
    assert list(to.roles.role_assignments.list_for_scope(vault.id))
    assert list(to.roles.role_definitions.list(vault.id, filter="roleName eq 'Key Vault Secrets User'"))
    version = to.certificates.get_certificate("web").properties.version
    to.certificates.get_certificate_version("web", version)
    to.certificates.get_certificate_policy("web")
    assert list(to.certificates.list_properties_of_certificate_versions("web"))
    assert list(to.certificates.list_properties_of_certificates(include_pending=True))
    to.secrets.get_secret("web")
    assert list(to.secrets.list_properties_of_secrets())
    to.pools.batch_account.get(to.group, to.account)
    to.pools.pool.get(to.group, to.account, POOL)
    assert list(to.pools.pool.list_by_batch_account(to.group, to.account, filter="properties/vmSize ne 'X'"))
    assert list(to.pools.location.list_supported_virtual_machine_skus(REGION))
    assert list(to.batch.list_supported_images())
    assert list(to.batch.list_pool_node_counts())
    to.batch.get_pool(POOL)
    assert to.batch.pool_exists(POOL)


def visit(to: Clients) -> None:
    """What a visit of a node asks of Batch; the node's files, its scheduling and a task on it."""
    node = next(iter(to.batch.list_nodes(POOL))).id
    to.batch.get_node(POOL, node)
    assert [each.vm_extension.name for each in to.batch.list_node_extensions(POOL, node)] == ["certificates"]
    to.batch.get_node_extension(POOL, node, "certificates")
    soon = datetime.now(UTC) + timedelta(hours=1)
    user = BatchNodeUserCreateOptions(name="ada", is_admin=True, expiry_time=soon, password="Example-0-Password")
    to.batch.create_node_user(POOL, node, user)
    to.batch.get_node_remote_login_settings(POOL, node)
    to.batch.delete_node_user(POOL, node, "ada")
    assert list(to.batch.list_node_files(POOL, node, recursive=True))
    to.batch.get_node_file_properties(POOL, node, "startup/stdout.txt")
    assert b"".join(to.batch.download_node_file(POOL, node, "startup/stdout.txt"))
    requeue = BatchNodeDisableSchedulingOptions(node_disable_scheduling_option="requeue")
    to.batch.disable_node_scheduling(POOL, node, requeue)
    to.batch.enable_node_scheduling(POOL, node)
    to.batch.create_job(BatchJobCreateOptions(id=POOL, pool_info=BatchPoolInfo(pool_id=POOL)))
    to.batch.create_task(POOL, BatchTaskCreateOptions(id="one", command_line="/bin/true"))
    until(lambda: to.batch.get_task(POOL, "one").state, lambda state: state == "completed")
    assert list(to.batch.list_tasks(POOL))
    to.batch.get_job_task_counts(POOL)


def go_wrong(to: Clients) -> set[int]:
    """Ask for what is not there, is there already, is not right or not allowed; returns the statuses of refusal."""
    wrong = [
        lambda: to.identities.user_assigned_identities.get(to.group, "nobody"),
        lambda: to.identities.user_assigned_identities.get("nowhere", "nobody"),
        lambda: to.identities.user_assigned_identities.create_or_update(to.group, "bad name", {"location": REGION}),
        lambda: to.vaults.vaults.get(to.group, "kv-nothing"),
        lambda: to.vaults.vaults.begin_create_or_update(to.group, "x", {"location": REGION, "properties": {}}),
        lambda: to.roles.role_assignments.create(f"/subscriptions/{to.subscription}", "no-guid", {}),
        lambda: to.certificates.get_certificate("nothing"),
        lambda: to.certificates.begin_create_certificate("bad_name", CertificatePolicy("Self", subject="CN=x")),
        lambda: to.certificates.begin_create_certificate("web", CertificatePolicy("Nobody", subject="CN=x")),
        lambda: to.secrets.set_secret("web", "of a certificate"),
        lambda: to.pools.pool.get(to.group, to.account, "nothing"),
        lambda: to.pools.pool.get(to.group, "nobody", "nothing"),
        lambda: to.pools.pool.create(to.group, to.account, "bad", {"properties": {"vmSize": "Huge"}}),
        lambda: to.pools.pool.create(
            to.group, to.account, POOL, {"properties": _pool("x")}, etag="*", match_condition=MatchConditions.IfMissing
        ),
        lambda: to.pools.pool.update(to.group, to.account, POOL, {"properties": {"startTask": {"commandLine": 1}}}),
        lambda: to.batch.get_pool("nothing"),
        lambda: to.batch.get_node(POOL, "nothing"),
        lambda: to.batch.get_node_extension(POOL, next(iter(to.batch.list_nodes(POOL))).id, "nothing"),
        lambda: list(to.batch.list_nodes(POOL, filter="state equals 'idle'")),
        lambda: list(to.batch.list_nodes(POOL, max_results=9999)),
        lambda: to.batch.get_job("nothing"),
        lambda: to.batch.create_task(POOL, BatchTaskCreateOptions(id="one", command_line="/bin/true")),
    ]
    statuses = set()
    for ask in wrong:
        with pytest.raises(HttpResponseError) as refused:
            ask()
        statuses.add(refused.value.status_code or 0)
    return statuses


def be_nobody(azure: LocalAzure, to: Clients) -> None:
    """Sign in with a wrong secret; Entra refuses, and nothing is asked."""
    from azure.identity import ClientSecretCredential

    nobody = ClientSecretCredential(azure.env["AZURE_TENANT_ID"], azure.env["AZURE_CLIENT_ID"], "wrong")
    with pytest.raises(ClientAuthenticationError), BatchManagementClient(nobody, to.subscription) as client:
        client.batch_account.get(to.group, to.account)


def change(to: Clients) -> None:
    """Renew, resize, and let it all go."""
    to.certificates.update_certificate_properties("web", tags={"renewed": "soon"})
    to.certificates.begin_create_certificate("web", CertificatePolicy("Self", subject="CN=example.com")).result()
    scale = {"fixedScale": {"targetDedicatedNodes": 1}}
    to.pools.pool.update(to.group, to.account, POOL, {"properties": {"scaleSettings": scale}})
    until(lambda: to.batch.get_pool(POOL).allocation_state, lambda state: state == "steady")
    to.batch.begin_delete_job(POOL).result()
    to.pools.pool.begin_delete(to.group, to.account, POOL).result()
    to.certificates.begin_delete_certificate("web").result()
    to.certificates.begin_recover_deleted_certificate("web").result()
    to.vaults.vaults.delete(to.group, VAULT)
    assert list(to.vaults.vaults.list_deleted())
    to.vaults.vaults.begin_purge_deleted(VAULT, REGION).result()
    to.identities.user_assigned_identities.delete(to.group, "journey")


def _pool(client_id: str) -> dict[str, Any]:
    observed = {"url": f"https://{VAULT}.vault.azure.net/secrets/web", "certificateStoreLocation": "/var/lib/waagent/S"}
    extension = {
        "name": "certificates",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "autoUpgradeMinorVersion": True,
        "settings": {
            "secretsManagementSettings": {"pollingIntervalInS": "3600", "observedCertificates": [observed]},
            "authenticationSettings": {"msiClientId": client_id},
        },
    }
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        "extensions": [extension],
    }
    ssh = {"name": "ssh", "protocol": "TCP", "backendPort": 22}
    ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
    return {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [{**ssh, **ports}]}},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 2}},
        "startTask": {"commandLine": "/bin/sh -c 'echo started'"},
    }
