"""Microsoft's own SDKs, unmodified, against the whole embedded Azure with real nodes."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import paramiko
import pytest
from azure.batch.models import (
    BatchNodeRemoveOptions,
    BatchNodeUserCreateOptions,
    BatchPoolEnableAutoScaleOptions,
    BatchPoolEvaluateAutoScaleOptions,
    BatchPoolResizeOptions,
)
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from local_azure.serving import LocalAzure
from local_azure.settings import Settings

from .sdk import Clients, connected

# azure-batch 15.1 sends no content type, and fails, where it is given no body; and it exports no models for these.
REBOOT = {"nodeRebootOption": "requeue"}
REIMAGE = {"nodeReimageOption": "terminate"}
DEALLOCATE = {"nodeDeallocateOption": "taskcompletion"}
DISABLE = {"nodeDisableSchedulingOption": "requeue"}


def test_a_pool_from_creation_to_ssh_to_deletion(clients: Clients) -> None:
    """Nodes become idle, show the host key that their start task printed, and let a user in over real SSH."""
    clients.create("sdk-whole", nodes=2)
    first, _ = clients.idle("sdk-whole", 2)
    printed = b"".join(clients.data.download_node_file("sdk-whole", first, "startup/stdout.txt")).decode()
    assert clients.data.get_node_file_properties("sdk-whole", first, "startup/stdout.txt").content_length == len(
        printed
    )
    key = Ed25519PrivateKey.generate()
    user = BatchNodeUserCreateOptions(name="ada", is_admin=True, ssh_public_key=_public(key))
    clients.data.create_node_user("sdk-whole", first, user)
    login = clients.data.get_node_remote_login_settings("sdk-whole", first)
    host_key, output = _run(login.remote_login_ip_address, login.remote_login_port, key, "sudo -n id -u")
    assert printed.split()[:2] == host_key
    assert output.strip() == "0"
    clients.data.delete_node_user("sdk-whole", first, "ada")
    with pytest.raises(paramiko.AuthenticationException):
        _run(login.remote_login_ip_address, login.remote_login_port, key, "true")
    clients.management.pool.begin_delete(clients.group, clients.account, "sdk-whole").result()
    with pytest.raises(ResourceNotFoundError):
        clients.data.get_pool("sdk-whole")


def test_errors_arrive_as_the_sdks_expect_them(clients: Clients) -> None:
    """Codes and models of both planes."""
    clients.create("sdk-errors", nodes=0)
    with pytest.raises(ResourceExistsError) as exists:
        clients.create("sdk-errors", nodes=0)
    assert exists.value.error is not None
    assert exists.value.error.code == "ConditionNotMet"
    with pytest.raises(ResourceNotFoundError) as lost:
        clients.data.get_node("sdk-errors", "tvmps_0")
    assert lost.value.model.code == "NodeNotFound"
    assert "does not exist" in lost.value.model.message.value
    with pytest.raises(HttpResponseError) as fixed:
        clients.management.pool.update(clients.group, clients.account, "sdk-errors", {"properties": {"vmSize": "X"}})
    assert fixed.value.error is not None
    assert fixed.value.error.code == "InvalidPropertyValue"
    assert {detail.code for detail in fixed.value.error.details} >= {"PropertyName", "Reason"}


def test_remote_login_is_off_without_a_nat_pool(clients: Clients) -> None:
    """A pool that asked for no SSH gives no port out."""
    clients.create("sdk-closed", nat=False)
    (node,) = clients.idle("sdk-closed", 1)
    with pytest.raises(HttpResponseError) as refused:
        clients.data.get_node_remote_login_settings("sdk-closed", node)
    assert refused.value.status_code == 409


def test_lists_come_in_pages(clients: Clients) -> None:
    """The SDK follows the links of both planes to the last page."""
    clients.create("sdk-pages", nodes=5)
    clients.idle("sdk-pages", 5)
    pages = list(clients.data.list_nodes("sdk-pages", max_results=2).by_page())
    assert [len(list(page)) for page in pages] == [2, 2, 1]
    assert len({node.id for node in clients.data.list_nodes("sdk-pages", max_results=2)}) == 5
    (counts,) = clients.data.list_pool_node_counts(filter="poolId eq 'sdk-pages'")
    assert counts.dedicated is not None
    assert (counts.dedicated.idle, counts.dedicated.total) == (5, 5)
    names = [
        p.name for p in clients.management.pool.list_by_batch_account(clients.group, clients.account, maxresults=1)
    ]
    assert "sdk-pages" in names


def test_long_running_operations_end(clients: Clients) -> None:
    """Pollers of both SDKs see a resize and an account through."""
    clients.create("sdk-resize", nodes=1)
    clients.idle("sdk-resize", 1)
    options = BatchPoolResizeOptions(target_dedicated_nodes=2)
    clients.data.begin_resize_pool("sdk-resize", options, polling_interval=0).result()
    pool = clients.data.get_pool("sdk-resize")
    assert (pool.allocation_state, pool.current_dedicated_nodes) == ("steady", 2)
    made = clients.management.batch_account.begin_create(clients.group, "sdkaccount", {"location": "eastus"}).result()
    assert made.properties.account_endpoint == "sdkaccount.eastus.batch.azure.com"
    clients.management.batch_account.begin_delete(clients.group, "sdkaccount").result()
    assert "sdkaccount" not in [account.name for account in clients.management.batch_account.list()]


def test_nodes_and_users_survive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a state folder, a second process has the same node with the same host key and the same user."""
    key, seen = Ed25519PrivateKey.generate(), []
    for first in (True, False):
        with LocalAzure(Settings(node_seconds=0.1), state=tmp_path / "state") as azure:
            for name, value in azure.env.items():
                monkeypatch.setenv(name, value)
            with connected(azure) as clients:
                if first:
                    clients.create("kept")
                (node,) = clients.idle("kept", 1)
                if first:
                    user = BatchNodeUserCreateOptions(name="ada", is_admin=True, ssh_public_key=_public(key))
                    clients.data.create_node_user("kept", node, user)
                login = clients.data.get_node_remote_login_settings("kept", node)
                host_key, _ = _run(login.remote_login_ip_address, login.remote_login_port, key, "true")
                seen.append((node, host_key))
    assert seen[0] == seen[1]


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _run(address: str, port: int, key: Ed25519PrivateKey, command: str) -> tuple[list[str], str]:
    """Host key (type and value) and output of a command over SSH."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    with paramiko.Transport((address, port)) as transport:
        transport.connect(username="ada", pkey=paramiko.Ed25519Key.from_private_key(io.StringIO(pem)))
        host_key = transport.get_remote_server_key()
        with transport.open_session(timeout=30) as channel:
            channel.settimeout(30)
            channel.exec_command(command)
            output = channel.makefile().read().decode()
        return [host_key.get_name(), host_key.get_base64()], output


def test_a_reimaged_node_has_other_host_keys_and_a_rebooted_one_its_own(clients: Clients) -> None:
    """The start task prints them each time; the SDK's pollers see both through."""
    clients.create("sdk-again")
    (node,) = clients.idle("sdk-again", 1)

    def printed() -> str:
        clients.idle("sdk-again", 1)
        return b"".join(clients.data.download_node_file("sdk-again", node, "startup/stdout.txt")).decode()

    first = printed()
    clients.data.begin_reboot_node("sdk-again", node, REBOOT, polling_interval=0).result()
    assert printed() == first
    clients.data.begin_reimage_node("sdk-again", node, REIMAGE, polling_interval=0).result()
    assert printed().split()[0] == first.split()[0]
    assert printed() != first
    clients.data.begin_deallocate_node("sdk-again", node, DEALLOCATE, polling_interval=0).result()
    assert clients.data.get_node("sdk-again", node).state == "deallocated"
    clients.data.begin_start_node("sdk-again", node, polling_interval=0).result()
    clients.idle("sdk-again", 1)


def test_scheduling_removal_and_stopping(clients: Clients, azure: LocalAzure) -> None:
    """What the SDK has for them."""
    clients.create("sdk-few", nodes=3)
    first, second, _ = clients.idle("sdk-few", 3)
    clients.data.disable_node_scheduling("sdk-few", first, DISABLE)
    assert clients.data.get_node("sdk-few", first).state == "offline"
    clients.data.enable_node_scheduling("sdk-few", first)
    clients.data.begin_remove_nodes("sdk-few", BatchNodeRemoveOptions(node_ids=[second]), polling_interval=0).result()
    assert clients.data.get_pool("sdk-few").target_dedicated_nodes == 2
    with azure.fault("slow-start", resource="*/sdk-few/*", seconds=3600):  # so that the resize lasts
        clients.data.begin_resize_pool("sdk-few", BatchPoolResizeOptions(target_dedicated_nodes=9), polling_interval=0)
        with pytest.raises(ResourceExistsError) as busy:
            clients.data.begin_resize_pool("sdk-few", BatchPoolResizeOptions(target_dedicated_nodes=5))
        assert busy.value.model.code == "PoolBeingResized"
        clients.data.begin_stop_pool_resize("sdk-few", polling_interval=0).result()
    pool = clients.data.get_pool("sdk-few")
    assert (pool.allocation_state, pool.resize_errors[0].code) == ("steady", "ResizeStopped")


def test_automatic_scaling(clients: Clients) -> None:
    """Enabled, tried out, disabled, with the SDK's models."""
    clients.create("sdk-auto", nodes=0)
    options = BatchPoolEnableAutoScaleOptions(
        auto_scale_formula="$TargetDedicatedNodes = 1;", auto_scale_evaluation_interval=timedelta(minutes=5)
    )
    clients.data.enable_pool_auto_scale("sdk-auto", options)
    clients.idle("sdk-auto", 1)
    pool = clients.data.get_pool("sdk-auto")
    assert (pool.enable_auto_scale, pool.auto_scale_evaluation_interval) == (True, timedelta(minutes=5))
    assert pool.auto_scale_run.results.startswith("$TargetDedicatedNodes=1;")
    bad = BatchPoolEvaluateAutoScaleOptions(auto_scale_formula="$something_useless")
    run = clients.data.evaluate_pool_auto_scale("sdk-auto", bad)
    assert run.error.code == "AutoScalingFormulaEvaluationError"
    assert run.results == "$TargetDedicatedNodes=1;$TargetLowPriorityNodes=0;$NodeDeallocationOption=requeue"
    managed = clients.management.pool.get(clients.group, clients.account, "sdk-auto").properties
    assert managed.scale_settings.auto_scale.formula == "$TargetDedicatedNodes = 1;"
    clients.management.pool.disable_auto_scale(clients.group, clients.account, "sdk-auto")
    assert clients.data.get_pool("sdk-auto").enable_auto_scale is False
