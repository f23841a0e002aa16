"""Batch accounts, pools, nodes, jobs and tasks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_PATIENCE_SECONDS = 90
POOL = {
    "vmSize": "STANDARD_D2S_V5",
    "deploymentConfiguration": {
        "virtualMachineConfiguration": {
            "imageReference": {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        }
    },
    "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 1}},
    "startTask": {"commandLine": "/bin/sh -c 'echo started'", "waitForSuccess": True},
    "networkConfiguration": {
        "endpointConfiguration": {
            "inboundNatPools": [
                {
                    "name": "ssh",
                    "protocol": "TCP",
                    "backendPort": 22,
                    "frontendPortRangeStart": 20000,
                    "frontendPortRangeEnd": 20999,
                }
            ]
        }
    },
}


def until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """Ask again and again; a command of the CLI takes seconds, so nothing waits in between."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds(answer := ask()):
        assert time.monotonic() < deadline, f"it did not come to pass in time: {answer}"
    return answer


@pytest.fixture(scope="session")
def batch(az: Any) -> Any:
    """The CLI, signed in to the Batch account by its Entra token."""
    account = az.environ["AZURE_BATCH_ACCOUNT"]
    az("batch account login --resource-group {} --name {}", az.azure.group, account)
    return az


@pytest.fixture(scope="session")
def pool(batch: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pool, put by `az rest`, with one idle node."""
    body = tmp_path_factory.mktemp("pool") / "pool.json"
    body.write_text(json.dumps({"properties": POOL}))
    group = f"https://management.azure.com/subscriptions/{batch.azure.subscription}/resourceGroups/{batch.azure.group}"
    account = batch.environ["AZURE_BATCH_ACCOUNT"]
    url = f"{group}/providers/Microsoft.Batch/batchAccounts/{account}/pools/cli"
    made = batch("rest --method put --url {} --body {}", f"{url}?api-version=2024-02-01", f"@{body}")
    assert made["properties"]["allocationState"] == "Resizing"
    until(lambda: states(batch), lambda seen: seen == ["idle"])
    return "cli"


def states(batch: Any) -> list[str]:
    return [node["state"] for node in batch("batch node list --pool-id cli")]


@pytest.fixture(scope="session")
def node(batch: Any, pool: str) -> str:
    """The id of the pool's first node."""
    return str(batch("batch node list --pool-id {}", pool)[0]["id"])


def test_accounts(batch: Any) -> None:
    """Listed, shown, with keys; made, changed and removed in another region."""
    account, group = batch.environ["AZURE_BATCH_ACCOUNT"], batch.azure.group
    assert account in [one["name"] for one in batch("batch account list")]
    shown = batch("batch account show --resource-group {} --name {}", group, account)
    assert shown["accountEndpoint"] == f"{account}.westus2.batch.azure.com"
    keys = batch("batch account keys list --resource-group {} --name {}", group, account)
    assert keys["primary"] != keys["secondary"]
    made = batch("batch account create --resource-group {} --name clinew --location eastus", group)
    assert made["provisioningState"] == "Succeeded"
    assert batch("batch account set --resource-group {} --name clinew --tags a=b", group)["tags"] == {"a": "b"}
    batch("batch account delete --resource-group {} --name clinew --yes", group)
    assert "clinew" not in [one["name"] for one in batch("batch account list")]
    assert batch("batch location quotas show --location westus2")["accountQuota"] > 0


def test_a_pool_is_listed_and_resized(batch: Any, pool: str) -> None:
    """To two nodes; the counts say the same."""
    assert pool in [one["id"] for one in batch("batch pool list")]
    batch("batch pool resize --pool-id {} --target-dedicated-nodes 2", pool)
    until(lambda: states(batch), lambda seen: seen == ["idle", "idle"])
    (counts,) = (one for one in batch("batch pool node-counts list") if one["poolId"] == pool)
    assert (counts["dedicated"]["idle"], counts["dedicated"]["total"]) == (2, 2)
    assert batch("batch pool supported-images list")


def test_a_user_logs_in(batch: Any, pool: str, node: str) -> None:
    """Created, given another password, removed; the login settings lead to this machine."""
    user = "batch node user create --pool-id {} --node-id {} --name ada --is-admin --password {}"
    batch(user, pool, node, "Secret-1234")
    settings = batch("batch node remote-login-settings show --pool-id {} --node-id {}", pool, node)
    assert settings["remoteLoginIpAddress"] == "127.0.0.1"
    assert settings["remoteLoginPort"] > 0
    reset = "batch node user reset --pool-id {} --node-id {} --user-name ada --password {}"
    batch(reset, pool, node, "Secret-5678")
    batch("batch node user delete --pool-id {} --node-id {} --user-name ada --yes", pool, node)


def test_files_of_a_node(batch: Any, pool: str, node: str, tmp_path: Path) -> None:
    """What the start task printed is listed and downloaded."""
    files = batch("batch node file list --pool-id {} --node-id {} --recursive", pool, node)
    assert "startup/stdout.txt" in [one["name"] for one in files]
    where = tmp_path / "stdout.txt"
    download = "batch node file download --pool-id {} --node-id {} --file-path startup/stdout.txt --destination {}"
    batch(download, pool, node, str(where))
    assert where.read_text() == "started\n"


def test_a_job_with_a_task(batch: Any, pool: str, tmp_path: Path) -> None:
    """The task runs on a node of the pool; its output can be downloaded."""
    batch("batch job create --id work --pool-id {}", pool)
    batch("batch task create --job-id work --task-id one --command-line {}", "/bin/sh -c 'echo worked'")
    done = until(
        lambda: batch("batch task show --job-id work --task-id one"), lambda task: task["state"] == "completed"
    )
    assert done["executionInfo"]["exitCode"] == 0
    where = tmp_path / "stdout.txt"
    download = "batch task file download --job-id work --task-id one --file-path stdout.txt --destination {}"
    batch(download, str(where))
    assert where.read_text() == "worked\n"
    assert [one["id"] for one in batch("batch task list --job-id work")] == ["one"]
    batch("batch job delete --job-id work --yes")


def test_a_node_is_rebooted(batch: Any, pool: str, node: str) -> None:
    """And comes back; scheduling can be switched off and on."""
    batch("batch node reboot --pool-id {} --node-id {}", pool, node)
    until(lambda: set(states(batch)), lambda seen: seen == {"idle"})
    batch("batch node scheduling disable --pool-id {} --node-id {}", pool, node)
    shown = batch("batch node show --pool-id {} --node-id {}", pool, node)
    assert shown["schedulingState"] == "disabled"
    batch("batch node scheduling enable --pool-id {} --node-id {}", pool, node)


def test_with_a_key_of_the_account(batch: Any, pool: str) -> None:
    """The CLI's other way to sign in to an account."""
    account = batch.environ["AZURE_BATCH_ACCOUNT"]
    batch("batch account login --resource-group {} --name {} --shared-key-auth", batch.azure.group, account)
    try:
        assert pool in [one["id"] for one in batch("batch pool list")]
    finally:
        batch("batch account login --resource-group {} --name {}", batch.azure.group, account)


def test_a_pool_is_created_and_deleted(batch: Any) -> None:
    """At the account's own host, without a template."""
    image = "--image canonical:ubuntu-24_04-lts:server --node-agent-sku-id {}"
    create = f"batch pool create --id small --vm-size STANDARD_D2S_V5 {image} --target-dedicated-nodes 0"
    batch(create, "batch.node.ubuntu 24.04")
    assert batch("batch pool show --pool-id small")["vmSize"].upper() == "STANDARD_D2S_V5"
    batch("batch pool delete --pool-id small --yes")
    until(
        lambda: [one["id"] for one in batch("batch pool list")],
        lambda seen: "small" not in seen,
    )
