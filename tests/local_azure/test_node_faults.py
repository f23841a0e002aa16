"""Every fault of a node, asked for as a person would, and seen from outside: by Microsoft's SDKs and over SSH."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncssh
import pytest
from azure.batch import BatchClient, models
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from cryptography import x509

from local_azure.admin.effects import EFFECTS
from local_azure.nodes.troubles import MISREADINGS
from local_azure.serving import LocalAzure
from local_azure.settings import Settings

POOL, VAULT, STORE = "struck", "struck-vault", "/var/lib/struck"
STATUS = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-*/status/*.status"
SHOWN_ELSEWHERE = frozenset({"slow-start", "unusable", "start-task-failed"})  # test_faults.py: what shows at a start


class Node:
    """The one node of a pool that has the Key Vault extension, as clients see it."""

    def __init__(self, azure: LocalAzure, data: BatchClient, certificates: CertificateClient) -> None:
        self.azure, self._data, self._certificates = azure, data, certificates
        (self._id,) = [node.id for node in data.list_nodes(POOL)]
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        public = self._key.export_public_key().decode()
        expiry = datetime.now(UTC) + timedelta(days=400)
        user = models.BatchNodeUserCreateOptions(
            name="visitor", is_admin=True, expiry_time=expiry, ssh_public_key=public
        )
        data.create_node_user(POOL, self._id, user)

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers SSH."""
        login = self._data.get_node_remote_login_settings(POOL, self._id)
        return login.remote_login_ip_address, login.remote_login_port

    def ssh(self, command: str) -> asyncssh.SSHCompletedProcess:
        """Run a command as root."""

        async def run() -> asyncssh.SSHCompletedProcess:
            host, port = self.address
            options = asyncssh.SSHClientConnectionOptions(
                username="visitor", client_keys=[self._key], known_hosts=None, agent_path=None, config=None
            )
            async with asyncssh.connect(host, port, options=options) as connection:
                return await connection.run(f"sudo -n sh -c '{command}'")

        return asyncio.run(run())

    def shown_key(self) -> str:
        """The host key that its SSH server shows."""

        async def shown() -> str:
            found = await asyncssh.get_server_host_key(*self.address)
            assert found is not None
            return found.export_public_key().decode().split()[1]

        return asyncio.run(shown())

    def told_key(self) -> str:
        """The host key that its start task has printed."""
        return b"".join(self._data.download_node_file(POOL, self._id, "startup/stdout.txt")).decode().split()[1]

    def banner_after(self) -> float:
        """Real seconds until its SSH server says something."""
        began = time.monotonic()
        with socket.create_connection(self.address, 10) as connection:
            assert connection.recv(4) == b"SSH-"
        return time.monotonic() - began

    def extension(self) -> tuple[str, str]:
        """State and message of its extension, as Batch tells them."""
        view = self._data.get_node_extension(POOL, self._id, "KVExtensions").instance_view
        assert view is not None
        assert view.statuses
        return str(view.statuses[0].code).rpartition("/")[2], str(view.statuses[0].message)

    def status_is_whole(self) -> bool:
        """Whether its extension's newest status file can be read."""
        try:
            json.loads(str(self.ssh(f"cat $(ls -t {STATUS} | head -n 1)").stdout))
        except json.JSONDecodeError:
            return False
        return True

    def leaf(self) -> x509.Certificate:
        """The leaf to which its store's link leads."""
        return x509.load_pem_x509_certificate(str(self.ssh(f"cat {STORE}/{VAULT}.web").stdout).encode())

    def current(self) -> x509.Certificate:
        """Key Vault's current version."""
        return x509.load_der_x509_certificate(bytes(self._certificates.get_certificate("web").cer or b""))

    def rotate(self) -> None:
        """Let Key Vault have a new version, and the extension an hour to fetch it."""
        issue(self._certificates)
        self.azure.advance(timedelta(hours=1, minutes=1))

    def ahead(self) -> float:
        """Seconds that its clock is ahead of the embedded Azure's."""
        seconds = float(str(self.ssh("date +%s").stdout))
        return seconds - self.azure.call(lambda cloud: cloud.clock.now()).timestamp()


@pytest.fixture(scope="module")
def pool_node() -> Iterator[Node]:
    """The node, in an embedded Azure of the module's own."""
    with LocalAzure(Settings(node_seconds=0.1)) as azure, pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for name, value in azure.env.items():
            patch.setenv(name, value)
        credential, subscription = EnvironmentCredential(), azure.env["AZURE_SUBSCRIPTION_ID"]
        group, account = azure.env["AZURE_RESOURCE_GROUP"], azure.env["AZURE_BATCH_ACCOUNT"]
        identities = stack.enter_context(ManagedServiceIdentityClient(credential, subscription))
        identity = identities.user_assigned_identities.create_or_update(group, "reader", {"location": "westus2"})
        vaults = stack.enter_context(KeyVaultManagementClient(credential, subscription))
        body = vault_body(azure, str(identity.principal_id))
        vaults.vaults.begin_create_or_update(group, VAULT, body, polling_interval=0).result()
        certificates = stack.enter_context(CertificateClient(f"https://{VAULT}.vault.azure.net", credential))
        issue(certificates)
        management = stack.enter_context(BatchManagementClient(credential, subscription))
        management.pool.create(group, account, POOL, pool_body(str(identity.id), str(identity.client_id)))
        endpoint = management.batch_account.get(group, account).properties
        assert endpoint is not None
        data = stack.enter_context(BatchClient(f"https://{endpoint.account_endpoint}", credential))
        await_idle(data)
        yield Node(azure, data, certificates)


@pytest.fixture
def node(pool_node: Node) -> Iterator[Node]:
    """The node, sound before the test and after it."""
    assert pool_node.extension()[0] == "succeeded"
    yield pool_node
    pool_node.azure.clear_faults()


def issue(certificates: CertificateClient) -> None:
    policy = CertificatePolicy("Self", subject="CN=struck", key_size=2048, exportable=True, validity_in_months=12)
    certificates.begin_create_certificate("web", policy, _polling_interval=0).result()


def vault_body(azure: LocalAzure, reader: str) -> Any:
    tenant, operator = azure.env["AZURE_TENANT_ID"], azure.call(lambda cloud: cloud.settings.object_id)
    everything = {"secrets": ["all"], "certificates": ["all"]}
    policies = [{"tenantId": tenant, "objectId": who, "permissions": everything} for who in (operator, reader)]
    sku = {"family": "A", "name": "standard"}
    properties = {"tenantId": tenant, "sku": sku, "enableRbacAuthorization": False, "accessPolicies": policies}
    return {"location": "westus2", "properties": properties}


def pool_body(identity: str, client_id: str) -> Any:
    observed = {"url": f"https://{VAULT}.vault.azure.net/secrets/web", "certificateStoreLocation": STORE}
    secrets = {"pollingIntervalInS": "3600", "requireInitialSync": True, "observedCertificates": [observed]}
    extension = {
        "name": "KVExtensions",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "settings": {"secretsManagementSettings": secrets, "authenticationSettings": {"msiClientId": client_id}},
    }
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        "extensions": [extension],
    }
    ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
    ssh = {"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}
    properties = {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 1}},
        "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [ssh]}},
        "startTask": {
            "commandLine": "cat /etc/ssh/ssh_host_ed25519_key.pub",
            "userIdentity": {"autoUser": {"elevationLevel": "Admin"}},
        },
    }
    return {"identity": {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}}, "properties": properties}


def await_idle(data: BatchClient) -> None:
    deadline = time.monotonic() + 60
    while [found.state for found in data.list_nodes(POOL)] != ["idle"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("kind", "state", "message"),
    [
        ("not-an-object", "failed", "Failed to parse the configuration settings with: 'not an object'"),
        ("no-auth-config", "failed", "Attempt to get non-existent AuthConfig"),
        ("identity-not-found", "transitioning", "Identity not found"),
        ("no-hostname", "transitioning", "URI must contain a hostname."),
        ("download-failing", "transitioning", "Failed to download one or more certificates, retrying..."),
    ],
)
def test_extension_error(node: Node, kind: str, state: str, message: str) -> None:
    """Batch tells of the extension in its own words; afterwards it works again."""
    with node.azure.fault("extension-error", kind=kind, resource=f"*/{POOL}/*"):
        assert node.extension()[0] == state
        assert message in node.extension()[1]
    assert node.extension()[0] == "succeeded"


def test_extension_error_that_is_given_up(node: Node) -> None:
    """The extension of version 3.0 ends in an error after 25 attempts, hours later."""
    with node.azure.fault("extension-error", kind="download-failing"):
        node.azure.advance(timedelta(days=2))
        state, message = node.extension()
        assert (state, "Failed to download one or more certificates." in message) == ("failed", True)
    assert node.extension()[0] == "succeeded"


def test_status_half_written(node: Node) -> None:
    """Whoever reads the file on the node reads half of it; afterwards it is whole."""
    with node.azure.fault("status-half-written"):
        assert not node.status_is_whole()
    assert node.status_is_whole()


def test_lying_with_an_old_leaf(node: Node) -> None:
    """The extension tells success and keeps its leaf over a rotation; afterwards it takes the new one."""
    assert node.leaf() == node.current()
    with node.azure.fault("lying", kind="old"):
        node.rotate()
        assert node.extension()[0] == "succeeded"
        assert node.leaf() != node.current()
    assert node.leaf() == node.current()


def test_lying_with_a_foreign_leaf(node: Node) -> None:
    """The extension tells success and has a leaf that Key Vault never had, of the same name."""
    with node.azure.fault("lying", kind="foreign"):
        assert node.extension()[0] == "succeeded"
        assert node.leaf() != node.current()
        assert node.leaf().subject == node.current().subject
    assert node.leaf() == node.current()


def test_ssh_refused(node: Node) -> None:
    """Nothing listens where Batch says that the node answers."""
    with node.azure.fault("ssh-refused"), pytest.raises(ConnectionRefusedError):
        node.banner_after()
    node.banner_after()


def test_ssh_slow_banner(node: Node) -> None:
    """The connection is made, and nobody speaks for so long."""
    with node.azure.fault("ssh-slow-banner", seconds=1.5):
        assert node.banner_after() >= 1.5
    assert node.banner_after() < 1.5


def test_ssh_dropped(node: Node) -> None:
    """The connection breaks within the output of a command, which has no exit code."""
    with node.azure.fault("ssh-dropped", size=5):
        broken = node.ssh("echo 0123456789")
        assert broken.exit_status is None
        assert len(str(broken.stdout)) <= 5
    assert node.ssh("echo 0123456789").exit_status == 0


def test_ssh_host_key(node: Node) -> None:
    """The node shows another key than Batch has told of."""
    with node.azure.fault("ssh-host-key"):
        assert node.shown_key() != node.told_key()
    assert node.shown_key() == node.told_key()


@pytest.mark.parametrize("seconds", [-7200, 86_400])
def test_clock_skewed(node: Node, seconds: int) -> None:
    """The node's clock is behind or ahead; so are the times of what its extension writes."""
    with node.azure.fault("clock-skewed", seconds=seconds):
        assert abs(node.ahead() - seconds) < 30
    assert abs(node.ahead()) < 30


def test_no_fault_of_a_node_is_left_out() -> None:
    """Each has a test here or in test_faults.py, and each kind of an extension's error a row."""
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    named = {name for name, kind in EFFECTS.items() if kind.domain == "node"}
    assert {name for name in named - SHOWN_ELSEWHERE if not any(test.startswith(name) for test in tested)} == set()
    (kinds,) = [mark.args[1] for mark in test_extension_error.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {row[0] for row in kinds} == set(MISREADINGS)
