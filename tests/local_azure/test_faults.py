"""Faults as Microsoft's own SDKs, unmodified, and SSH see them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from azure.batch import BatchClient
from azure.batch.models import BatchPoolResizeOptions
from azure.core.exceptions import HttpResponseError, IncompleteReadError, ServiceRequestError, ServiceResponseError
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificateOperation, CertificatePolicy
from azure.keyvault.secrets import SecretClient
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from local_azure.cloud import Cloud
from local_azure.nodes.machine import Machine
from local_azure.serving import LocalAzure
from local_azure.wire.messages import AzureError

VAULT, POOL = "faulty-vault", "faulty"


@pytest.fixture
def identities(azure: LocalAzure) -> Iterator[Any]:
    """The operations on identities, by a client that does not retry; no fault outlives the test."""
    subscription = azure.env["AZURE_SUBSCRIPTION_ID"]
    with ManagedServiceIdentityClient(EnvironmentCredential(), subscription, retry_total=0) as api:
        azure.forget_requests()
        yield api.user_assigned_identities
    azure.clear_faults()


def put(identities: Any, azure: LocalAzure, name: str = "faulty") -> Any:
    return identities.create_or_update(azure.env["AZURE_RESOURCE_GROUP"], name, {"location": "westus2"})


@pytest.mark.parametrize(
    ("rule", "status", "code", "retry_after"),
    [
        ({"effect": "throttled"}, 429, "SubscriptionRequestsThrottled", None),
        ({"effect": "throttled", "retry_after": 9}, 429, "SubscriptionRequestsThrottled", "9"),
        ({"effect": "error", "status": 500}, 500, "InternalServerError", None),
        ({"effect": "error", "status": 502}, 502, "BadGateway", None),
        ({"effect": "error", "status": 503, "code": "Busy", "message": "Not now."}, 503, "Busy", None),
    ],
)
def test_a_refusal_reaches_the_sdk(  # noqa: PLR0917 - fixtures and a row of the table
    azure: LocalAzure, identities: Any, rule: dict[str, Any], status: int, code: str, retry_after: str | None
) -> None:
    """In the service's shape; the request log tells which rule struck; nothing was written."""
    with (
        azure.fault(operation="UserAssignedIdentities_CreateOrUpdate", **rule) as fault,
        pytest.raises(HttpResponseError) as refused,
    ):
        put(identities, azure, f"never-{status}")
    assert refused.value.response is not None
    assert refused.value.error is not None
    assert (refused.value.status_code, refused.value.error.code) == (status, code)
    assert refused.value.response.headers.get("Retry-After") == retry_after
    assert [(entry.status, entry.fault) for entry in azure.requests() if entry.method == "PUT"] == [(status, fault)]
    names = [found.name for found in identities.list_by_resource_group(azure.env["AZURE_RESOURCE_GROUP"])]
    assert f"never-{status}" not in names


@pytest.mark.parametrize(
    ("effect", "error", "written"),
    [
        ("reset", (ServiceRequestError, ServiceResponseError), False),
        ("lost", (ServiceRequestError, ServiceResponseError), True),
        ("truncated", (IncompleteReadError, ServiceResponseError, HttpResponseError), True),
    ],
)
def test_a_broken_answer_reaches_the_sdk(
    azure: LocalAzure, identities: Any, effect: str, error: tuple[type[Exception], ...], written: bool
) -> None:
    """As a fault of the connection; whether the write was done is what tells these apart."""
    with azure.fault(effect, operation="UserAssignedIdentities_CreateOrUpdate"), pytest.raises(error):
        put(identities, azure, f"perhaps-{effect}")
    names = [found.name for found in identities.list_by_resource_group(azure.env["AZURE_RESOURCE_GROUP"])]
    assert (f"perhaps-{effect}" in names) is written


def test_a_slow_answer_comes(azure: LocalAzure, identities: Any) -> None:
    """As late as asked for, and whole."""
    with azure.fault("slow", operation="UserAssignedIdentities_CreateOrUpdate", seconds=0.4):
        began = time.monotonic()
        assert put(identities, azure).name == "faulty"
        assert time.monotonic() - began >= 0.4


def test_the_sdk_gets_through_a_bounded_fault(azure: LocalAzure, identities: Any) -> None:
    """Its own retries outlast two throttled calls; only the named resource is struck."""
    azure.add_fault("throttled", resource="*/userAssignedIdentities/patient", first=2, retry_after=0)
    put(identities, azure, "bystander")
    credential, subscription = EnvironmentCredential(), azure.env["AZURE_SUBSCRIPTION_ID"]
    with ManagedServiceIdentityClient(credential, subscription, retry_backoff_factor=0) as api:
        put(api.user_assigned_identities, azure, "patient")
    assert [entry.status for entry in azure.requests() if entry.path.endswith("/patient")] == [429, 429, 201]


def test_a_wrong_rule_is_an_error(azure: LocalAzure) -> None:
    """The same one that the admin port answers with."""
    with pytest.raises(AzureError, match="status: reset does not take it"):
        azure.add_fault("reset", status=500)


def test_each_service_of_azure_has_words_of_its_own_for_429(azure: LocalAzure) -> None:
    """Those of the instance metadata service are not published; Graph's stand-in and the token issuer are no Azure."""
    words = azure.call(lambda cloud: cloud.router.trouble(429))
    assert {service for service, known in words.items() if not known} == {"imds", "graph", "workload"}


@pytest.fixture
def vaults(fresh_azure: LocalAzure) -> Iterator[Any]:
    """The operations on vaults."""
    with KeyVaultManagementClient(EnvironmentCredential(), fresh_azure.env["AZURE_SUBSCRIPTION_ID"]) as api:
        yield api.vaults


def make_vault(vaults: Any, azure: LocalAzure, *, seconds: float = 0) -> Any:
    everything = {"secrets": ["all"], "certificates": ["all"]}
    operator = azure.call(lambda cloud: cloud.settings.object_id)
    tenant = azure.env["AZURE_TENANT_ID"]
    properties = {
        "tenantId": tenant,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": False,
        "accessPolicies": [{"tenantId": tenant, "objectId": operator, "permissions": everything}],
    }
    body = {"location": "westus2", "properties": properties}
    group = azure.env["AZURE_RESOURCE_GROUP"]
    return vaults.begin_create_or_update(group, VAULT, body, polling_interval=seconds).result()


def certificates() -> CertificateClient:
    return CertificateClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential())


def create_certificate(api: CertificateClient, **policy: Any) -> Any:
    made = CertificatePolicy("Self", subject="CN=faulty", key_size=2048, exportable=True, **policy)
    return api.begin_create_certificate("web", made, _polling_interval=0).result()


def test_a_vault_whose_creation_fails(fresh_azure: LocalAzure, vaults: Any) -> None:
    """The poller raises, the vault shows Failed and its host does not answer; the next attempt mends it."""
    fresh_azure.add_fault("failed", operation="VaultCreation", resource=VAULT, first=1)
    with pytest.raises(HttpResponseError):
        make_vault(vaults, fresh_azure)
    group = fresh_azure.env["AZURE_RESOURCE_GROUP"]
    assert vaults.get(group, VAULT).properties.provisioning_state == "Failed"
    with certificates() as api, pytest.raises(HttpResponseError):
        list(api.list_properties_of_certificates())
    assert make_vault(vaults, fresh_azure).properties.provisioning_state == "Succeeded"
    with certificates() as api:
        assert list(api.list_properties_of_certificates()) == []


def test_a_certificate_that_is_not_issued(fresh_azure: LocalAzure, vaults: Any) -> None:
    """The operation ends failed, with the rule's error; there is no version. The next one succeeds."""
    make_vault(vaults, fresh_azure)
    fresh_azure.add_fault("failed", operation="CertificateIssuance", message="No signature today.", nth=1)
    with certificates() as api:
        failed = create_certificate(api)
        assert isinstance(failed, CertificateOperation)
        assert failed.status == "failed"
        assert failed.error is not None
        assert (failed.error.code, failed.error.message) == ("CertificateIssuanceFailed", "No signature today.")
        create_certificate(api)
        assert len(list(api.list_properties_of_certificate_versions("web"))) == 1


def test_a_renewal_that_fails_is_tried_again_in_a_day(fresh_azure: LocalAzure, vaults: Any) -> None:
    """The current version stays until then."""
    make_vault(vaults, fresh_azure)
    with certificates() as api:
        create_certificate(api, validity_in_months=12)  # renewed at 80 % of its life
        fresh_azure.add_fault("failed", operation="CertificateIssuance", resource=f"{VAULT}/*", first=2)

        def versions_after(days: float) -> int:
            fresh_azure.advance(timedelta(days=days))
            return len(list(api.list_properties_of_certificate_versions("web")))

        assert [versions_after(292.5), versions_after(1), versions_after(1)] == [1, 1, 2]


def test_an_issuance_that_takes_its_time(fresh_azure: LocalAzure, vaults: Any) -> None:
    """It is in progress until its date on the clock."""
    make_vault(vaults, fresh_azure)
    fresh_azure.add_fault("late", operation="CertificateIssuance", seconds=3600)
    with certificates() as api:
        policy = CertificatePolicy("Self", subject="CN=faulty", key_size=2048)
        api.begin_create_certificate("web", policy)
        assert api.get_certificate_operation("web").status == "inProgress"
        fresh_azure.advance(timedelta(minutes=61))
        assert api.get_certificate_operation("web").status == "completed"


def test_a_grant_that_takes_its_time(fresh_azure: LocalAzure, vaults: Any) -> None:
    """403 until its date on the clock, and no longer."""
    fresh_azure.add_fault("late", operation="Grant", resource=f"*/vaults/{VAULT}", seconds=300)
    make_vault(vaults, fresh_azure)
    with SecretClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential()) as api:
        with pytest.raises(HttpResponseError) as early:
            list(api.list_properties_of_secrets())
        assert early.value.status_code == 403
        fresh_azure.advance(timedelta(seconds=301))
        assert list(api.list_properties_of_secrets()) == []


class Pool:
    """A pool without extensions in an embedded Azure of the test's own."""

    def __init__(self, azure: LocalAzure, management: BatchManagementClient, data: BatchClient) -> None:
        self.azure = azure
        self.management = management
        self.data = data

    def create(self, nodes: int) -> None:
        ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
        machine = {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        }
        ssh = {"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}
        properties = {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
            "startTask": {"commandLine": "/bin/true", "waitForSuccess": True},
            "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [ssh]}},
        }
        env = self.azure.env
        self.management.pool.create(
            env["AZURE_RESOURCE_GROUP"], env["AZURE_BATCH_ACCOUNT"], POOL, {"properties": properties}
        )

    def states(self) -> list[str]:
        """The states of the nodes, in the order in which they were made."""
        return [node.state.value for node in sorted(self.data.list_nodes(POOL), key=lambda node: node.ip_address or "")]

    def settle(self, *states: str) -> None:
        """Wait until the nodes are in these states."""
        deadline = time.monotonic() + 60
        while (found := self.states()) != list(states):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def machines(self) -> list[Machine]:
        """The machines behind the nodes, in the same order."""
        ids = [node.id for node in sorted(self.data.list_nodes(POOL), key=lambda node: node.ip_address or "")]

        def find(cloud: Cloud) -> list[Machine]:
            found = [cloud.machines.find(f"{self.azure.env['AZURE_BATCH_ACCOUNT']}/{POOL}/{name}") for name in ids]
            return [machine for machine in found if machine]

        return self.azure.call(find)


@pytest.fixture
def pool(fresh_azure: LocalAzure) -> Iterator[Pool]:
    credential, env = EnvironmentCredential(), fresh_azure.env
    with BatchManagementClient(credential, env["AZURE_SUBSCRIPTION_ID"]) as management:
        account = management.batch_account.get(env["AZURE_RESOURCE_GROUP"], env["AZURE_BATCH_ACCOUNT"])
        assert account.properties is not None
        with BatchClient(f"https://{account.properties.account_endpoint}", credential) as data:
            yield Pool(fresh_azure, management, data)


def test_a_resize_that_fails(pool: Pool) -> None:
    """The pool is steady with the nodes it had and says why; the next resize succeeds."""
    pool.create(1)
    pool.settle("idle")
    pool.azure.add_fault("failed", operation="PoolResize", resource=f"*/{POOL}", nth=1, code="AllocationFailed")
    two = BatchPoolResizeOptions(target_dedicated_nodes=2)
    pool.data.begin_resize_pool(POOL, two, polling_interval=0).result()
    after = pool.data.get_pool(POOL)
    assert (after.allocation_state, after.current_dedicated_nodes) == ("steady", 1)
    assert [error.code for error in after.resize_errors or []] == ["AllocationFailed"]
    pool.data.begin_resize_pool(POOL, two, polling_interval=0).result()
    pool.settle("idle", "idle")


@pytest.mark.parametrize(("effect", "state"), [("unusable", "unusable"), ("start-task-failed", "starttaskfailed")])
def test_nodes_that_do_not_come_up(pool: Pool, effect: str, state: str) -> None:
    """Every second one of those to come; a rule added later strikes those that run; all recover when it is cleared."""
    with pool.azure.fault(effect, resource=f"*/{POOL}/*", every=2):
        pool.create(3)
        pool.settle("idle", state, "idle")
    pool.settle("idle", "idle", "idle")
    with pool.azure.fault(effect, resource=f"*/{POOL}/*", nth=3):
        pool.settle("idle", "idle", state)
    pool.settle("idle", "idle", "idle")


def test_a_node_that_is_slow_to_start(pool: Pool) -> None:
    """It keeps starting until its time on the clock has come, while the others are ready."""
    pool.azure.add_fault("slow-start", seconds=3600, first=1)
    pool.create(2)
    pool.settle("starting", "idle")
    pool.azure.advance(timedelta(minutes=50))
    assert pool.states() == ["starting", "idle"]
    pool.azure.advance(timedelta(minutes=11))
    pool.settle("idle", "idle")


def test_a_trouble_with_an_end(pool: Pool) -> None:
    """It is over at its date on the clock, without anybody clearing it; another pool's nodes never had it."""
    pool.create(2)
    pool.settle("idle", "idle")
    pool.azure.add_fault("ssh-refused", resource="*/elsewhere/*")
    pool.azure.add_fault("ssh-refused", resource=f"*/{POOL}/*", nth=2, for_seconds=600)

    def refused() -> list[bool]:
        return [machine.ssh.refused for machine in pool.machines()]

    assert refused() == [False, True]
    pool.azure.advance(timedelta(minutes=9))
    assert refused() == [False, True]
    pool.azure.advance(timedelta(minutes=2))
    assert refused() == [False, False]
