"""Microsoft's own Batch SDKs, both planes, signed in to an embedded Azure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from azure.batch import BatchClient
from azure.core import MatchConditions
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from local_azure.serving import LocalAzure

START_TASK = "/bin/sh -c 'cat /etc/ssh/ssh_host_ed25519_key.pub'"


@dataclass
class Clients:
    """Both planes of Batch, signed in as the environment says."""

    management: BatchManagementClient
    data: BatchClient
    group: str
    account: str

    def create(self, name: str, *, nodes: int = 1, nat: bool = True, **changes: Any) -> None:
        """A pool whose nodes print their host key; *changes* are further properties."""
        ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
        ssh = [{"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}]
        machine = {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        }
        properties: dict[str, Any] = {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
            "startTask": {"commandLine": START_TASK, "userIdentity": {"autoUser": {"elevationLevel": "Admin"}}},
            **changes,
        }
        if nat:
            properties["networkConfiguration"] = {"endpointConfiguration": {"inboundNatPools": ssh}}
        self.management.pool.create(
            self.group,
            self.account,
            name,
            {"properties": properties},
            etag="*",
            match_condition=MatchConditions.IfMissing,
        )

    def idle(self, name: str, count: int) -> list[str]:
        """The ids of the pool's nodes, once all of them are idle."""

        def ready() -> bool:
            states = [node.state for node in self.data.list_nodes(name, select=["id", "state"])]
            return states == ["idle"] * count

        until(ready)
        return [node.id for node in self.data.list_nodes(name)]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Ask until *condition* holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


@contextmanager
def connected(azure: LocalAzure) -> Iterator[Clients]:
    """Clients of both planes; the environment is set already."""
    credential = EnvironmentCredential()
    group, account = azure.env["AZURE_RESOURCE_GROUP"], azure.env["AZURE_BATCH_ACCOUNT"]
    management = BatchManagementClient(credential, azure.env["AZURE_SUBSCRIPTION_ID"])
    endpoint = management.batch_account.get(group, account).properties.account_endpoint
    with management, BatchClient(f"https://{endpoint}", credential) as data:
        yield Clients(management, data, group, account)
