"""The levers of Batch over the admin port and by the command, seen through Microsoft's SDKs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.batch import BatchClient
from azure.core.exceptions import HttpResponseError
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient
from typer.testing import CliRunner

from local_azure.admin.client import AdminClient
from local_azure.command import app
from local_azure.serving import LocalAzure


class Spot:
    """A pool with one dedicated and two Spot nodes, and the command `local-azure batch`."""

    def __init__(self, azure: LocalAzure, management: BatchManagementClient, data: BatchClient, file: Path) -> None:
        self.account, self._group = azure.env["AZURE_BATCH_ACCOUNT"], azure.env["AZURE_RESOURCE_GROUP"]
        self._management, self._data, self._file = management, data, file

    def create(self, name: str) -> None:
        machine = {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        }
        properties: Any = {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 2}},
        }
        self._management.pool.create(self._group, self.account, name, {"properties": properties})

    def settle(self, **states: int) -> None:
        """Wait until so many nodes are in each of these states."""
        deadline = time.monotonic() + 60
        while (found := Counter(node.state for node in self._data.list_nodes("spot"))) != states:
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def command(self, *words: str, code: int = 0) -> list[str]:
        """What `local-azure batch` prints."""
        done = CliRunner().invoke(app, ["batch", "--ready-file", str(self._file), *words])
        assert done.exit_code == code, done.output
        return done.output.splitlines()


@pytest.fixture
def spot(fresh_azure: LocalAzure, tmp_path: Path) -> Iterator[Spot]:
    credential, env = EnvironmentCredential(), fresh_azure.env
    fresh_azure.ready.write(tmp_path / "ready.json")
    with BatchManagementClient(credential, env["AZURE_SUBSCRIPTION_ID"]) as management:
        account = management.batch_account.get(env["AZURE_RESOURCE_GROUP"], env["AZURE_BATCH_ACCOUNT"])
        assert account.properties is not None
        with BatchClient(f"https://{account.properties.account_endpoint}", credential) as data:
            yield Spot(fresh_azure, management, data, tmp_path / "ready.json")


def test_spot_nodes_are_taken_and_given_back(spot: Spot) -> None:
    """Whom it happened to is printed; a preemption that strikes nobody is an error."""
    spot.create("spot")
    spot.settle(idle=3)
    (first,) = spot.command("preempt", "*/spot/*", "--first", "1")
    assert first.startswith(f"{spot.account}/spot/tvmps_")
    spot.settle(idle=2, preempted=1)
    (second,) = spot.command("preempt", "*/spot/*", "--for", "30d")
    assert second != first
    spot.settle(idle=1, preempted=2)
    assert spot.command("preempt", "*/spot/*", code=1)
    assert spot.command("give-back", "*") == [first, second]
    spot.settle(idle=3)
    assert spot.command("preempt", "*", "--for", "soon", code=2)


def test_quotas_are_set_and_shown(spot: Spot) -> None:
    """Those that are named, in one account; the service refuses what is beyond them."""
    assert spot.command("quotas") == [
        f"{spot.account}  dedicated_cores=10000  low_priority_cores=10000  pools=100  jobs=300"
    ]
    assert spot.command("quotas", spot.account.upper(), "--pools", "0", "--dedicated-cores", "2") == [
        f"{spot.account}  dedicated_cores=2  low_priority_cores=10000  pools=0  jobs=300"
    ]
    with pytest.raises(HttpResponseError) as refused:
        spot.create("spot")
    assert refused.value.error is not None
    assert refused.value.error.code == "PoolQuotaReached"
    assert spot.command("quotas", "nobody", "--pools", "1", code=1)
    assert spot.command("quotas", "--pools", "1", code=2)


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("POST", "/batch/preempt", {"first": 0}, "nodes: a preemption needs it; first: 0 is not a number of 1 or more"),
        ("POST", "/batch/preempt", {"nodes": "*", "for_seconds": -1}, "for_seconds: -1 is not seconds"),
        ("POST", "/batch/give-back", {"nodes": ""}, "nodes: '' is not a pattern"),
        ("PUT", "/batch/quotas/{account}", {"pools": -1, "nodes": 1}, "pools: -1 is not a number of 0 or more; nodes:"),
        ("PUT", "/batch/quotas/{account}", {"pools": True}, "pools: True is not"),
    ],
)
def test_a_wrong_body_is_refused(azure: LocalAzure, method: str, path: str, body: dict[str, Any], told: str) -> None:
    """With all that is wrong; nothing was done."""
    reply = httpx.request(
        method,
        f"{azure.ready.admin_url}{path.format(account=azure.env['AZURE_BATCH_ACCOUNT'])}",
        json=body,
        headers={"Authorization": f"Bearer {azure.ready.admin_token}"},
        trust_env=False,
    )
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "InvalidBody")
    assert told in reply.json()["error"]["message"]
    assert {known["pools"] for known in AdminClient(azure.ready).quotas()} == {100}
