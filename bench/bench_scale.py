"""What 1,000 nodes in one embedded Azure cost: their start, a request, a visit; and 100 pools over 5 regions.

    python bench/bench_scale.py [--nodes 1000] [--visits 1000] [--pools 100]

`local-azure serve` runs in a process of its own; what is shown as processor time is that process's alone, its nodes'
programs apart. Everything goes over the wire, as a stranger's client would. Linux only, for /proc.
"""

from __future__ import annotations

import argparse
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from batchcert.spec.visit import VisitSpec
from batchcert.visit.host_keys import START_TASK_COMMAND, parse_host_keys
from batchcert.visit.parse import parse_answer
from batchcert.visit.script import Asked, visit_script
from local_azure.admin.client import AdminClient
from local_azure.admin.ready import Ready
from tasks.ssh.fan_out import visit_all
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Host

VAULT, STORE = "scale-vault", "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
REGIONS = ("westus2", "southcentralus", "eastus", "northeurope", "westeurope")
ARM, DATA = "2024-07-01", "2025-06-01"
MIB = 1024 * 1024
PATIENCE = 600.0  # seconds for all nodes to be idle


@dataclass
class Served:
    """A running embedded Azure: its process, and a client that is signed in at each audience."""

    pid: int
    env: dict[str, str]
    admin: AdminClient
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, url: str, body: Any = None, *, audience: str = "management.azure.com") -> Any:
        """One request; its answer, as JSON or text."""
        headers = {"Authorization": f"Bearer {self._token(audience)}"}
        reply = self.http.request(method, url, headers=headers, json=body)
        assert reply.is_success, (method, url, reply.status_code, reply.text)
        return reply.json() if "json" in reply.headers.get("content-type", "") else reply.text

    def arm(self, method: str, path: str, version: str, body: Any = None) -> Any:
        """Ask Resource Manager, below the resource group."""
        group = f"/subscriptions/{self.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{self.env['AZURE_RESOURCE_GROUP']}"
        return self.ask(method, f"https://management.azure.com{group}/providers/{path}?api-version={version}", body)

    def data(self, path: str, account: str = "", region: str = "westus2", **query: str) -> Any:
        """Read from the host of a Batch account."""
        asked = "&".join(f"{name}={value}" for name, value in {"api-version": DATA, **query}.items())
        host = f"{account or self.env['AZURE_BATCH_ACCOUNT']}.{region}.batch.azure.com"
        return self.ask("GET", f"https://{host}{path}?{asked}", audience="batch.core.windows.net")

    def processor_seconds(self) -> float:
        """What the process itself has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, what: str) -> float:
        """MiB: VmRSS is what the process has now, VmHWM the most it had."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024

    def _token(self, audience: str) -> str:
        if audience not in self.tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.env["AZURE_CLIENT_ID"],
                "client_secret": self.env["AZURE_CLIENT_SECRET"],
                "scope": f"https://{audience}/.default",
            }
            url = f"https://login.microsoftonline.com/{self.env['AZURE_TENANT_ID']}/oauth2/v2.0/token"
            self.tokens[audience] = str(self.http.post(url, data=form).raise_for_status().json()["access_token"])
        return self.tokens[audience]


@contextmanager
def served() -> Iterator[Served]:
    """An embedded Azure whose nodes start at once, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "local_azure", "serve", "--node-seconds", "0", "--ready-file", str(file)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert "ready" in process.stdout.readline()
            ready = Ready.read(file)
            trust = ssl.create_default_context(cafile=ready.env["REQUESTS_CA_BUNDLE"])
            try:
                with httpx.Client(proxy=ready.env["HTTPS_PROXY"], verify=trust, trust_env=False, timeout=60) as http:
                    yield Served(ready.pid, ready.env, AdminClient(ready), http)
            finally:
                process.send_signal(signal.SIGTERM)


class Table:
    """Rows as they come."""

    def __init__(self) -> None:
        print(f"{'':44} {'seconds':>9} {'processor':>12}")

    @contextmanager
    def row(self, served: Served, what: str, count: int = 0, unit: str = "") -> Iterator[None]:
        """Measure a block: how long it takes, and the server's processor time, for each of *count* if given."""
        before, began = served.processor_seconds(), time.perf_counter()
        yield
        wall, used = time.perf_counter() - began, served.processor_seconds() - before
        each = f"{1000 * used / count:.2f} ms {unit}" if count else f"{used:.1f} s"
        print(f"{what:44} {wall:9.1f} {each:>12}", flush=True)


def grant(served: Served) -> dict[str, Any]:
    """An identity that may read a vault, and a certificate in it. Returns the identity."""
    identity = served.arm(
        "PUT", "Microsoft.ManagedIdentity/userAssignedIdentities/reader", "2024-11-30", {"location": "westus2"}
    )
    tenant = served.env["AZURE_TENANT_ID"]
    everything = {"secrets": ["all"], "certificates": ["all"]}
    people = (identity["properties"]["principalId"], _object_id(served))
    properties = {
        "tenantId": tenant,
        "sku": {"family": "A", "name": "standard"},
        "accessPolicies": [{"tenantId": tenant, "objectId": who, "permissions": everything} for who in people],
    }
    body = {"location": "westus2", "properties": properties}
    served.arm("PUT", f"Microsoft.KeyVault/vaults/{VAULT}", "2024-11-01", body)
    policy = {"issuer": {"name": "Self"}, "x509_props": {"subject": "CN=scale"}, "key_props": {"exportable": True}}
    url = f"https://{VAULT}.vault.azure.net/certificates/scale/create?api-version=7.4"
    served.ask("POST", url, {"policy": policy}, audience="vault.azure.net")
    return dict(identity)


def _object_id(served: Served) -> str:
    import jwt  # noqa: PLC0415 - only to look into our own token

    served.arm("GET", "Microsoft.Batch/batchAccounts", ARM)
    return str(jwt.decode(served.tokens["management.azure.com"], options={"verify_signature": False})["oid"])


def pool_body(nodes: int, identity: dict[str, Any] | None = None) -> dict[str, Any]:
    """A pool with SSH; with an *identity* also with the extension, and a start task that prints its host keys."""
    machine: dict[str, Any] = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
    }
    ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 21999}
    properties: dict[str, Any] = {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
        "networkConfiguration": {
            "endpointConfiguration": {
                "inboundNatPools": [{"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}]
            }
        },
    }
    if identity is None:
        return {"properties": properties}
    observed = {"url": f"https://{VAULT}.vault.azure.net/secrets/scale", "certificateStoreLocation": STORE}
    settings = {
        "secretsManagementSettings": {
            "pollingIntervalInS": "3600",
            "requireInitialSync": True,
            "observedCertificates": [observed],
        },
        "authenticationSettings": {"msiClientId": identity["properties"]["clientId"]},
    }
    machine["extensions"] = [
        {
            "name": "KVExtensions",
            "publisher": "Microsoft.Azure.KeyVault",
            "type": "KeyVaultForLinux",
            "typeHandlerVersion": "3.0",
            "autoUpgradeMinorVersion": True,
            "settings": settings,
        }
    ]
    properties["startTask"] = {
        "commandLine": START_TASK_COMMAND,
        "userIdentity": {"autoUser": {"elevationLevel": "Admin"}},
        "waitForSuccess": True,
    }
    bearer = {"type": "UserAssigned", "userAssignedIdentities": {identity["id"]: {}}}
    return {"identity": bearer, "properties": properties}


def await_idle(served: Served, wanted: int, account: str = "", region: str = "westus2") -> None:
    """Wait until so many nodes of an account are idle."""
    deadline = time.monotonic() + PATIENCE
    while sum(pool["dedicated"]["idle"] for pool in served.data("/nodecounts", account, region)["value"]) < wanted:
        assert time.monotonic() < deadline, "the nodes did not become idle"
        time.sleep(0.25)


def hosts_of(served: Served, pool: str, count: int) -> list[Host]:
    """Where the first nodes of a pool answer SSH, and with which keys, as Batch tells it."""
    found = served.data(f"/pools/{pool}/nodes", maxresults=str(count), **{"$select": "id"})["value"]

    def host(node: str) -> Host:
        where = f"/pools/{pool}/nodes/{node}"
        login = served.data(f"{where}/remoteloginsettings")
        keys = parse_host_keys(served.data(f"{where}/files/startup/stdout.txt"), node=node)
        return Host(node, login["remoteLoginIPAddress"], login["remoteLoginPort"], "visitor", keys)

    return [host(node["id"]) for node in found]


def set_user(served: Served, pool: str, host: Host, key: str) -> None:
    """Let the visitor in at a node, or with no *key* not any longer."""
    base = f"https://{served.env['AZURE_BATCH_ACCOUNT']}.westus2.batch.azure.com/pools/{pool}/nodes/{host.node_id}"
    user = {"name": host.user, "isAdmin": True, "sshPublicKey": key}
    if key:
        served.ask("POST", f"{base}/users?api-version={DATA}", user, audience="batch.core.windows.net")
    else:
        path = f"{base}/users/{host.user}?api-version={DATA}"
        served.ask("DELETE", path, audience="batch.core.windows.net")


def visits(served: Served, table: Table, hosts: Sequence[Host]) -> None:
    """The whole of a validation's visits: a user, the script over SSH, the user's removal."""
    key, script = EphemeralKey.generate(), visit_script(Asked([STORE]))
    with (
        table.row(served, f"{len(hosts)} users made", len(hosts), "each"),
        ThreadPoolExecutor(8) as threads,
    ):
        list(threads.map(lambda host: set_user(served, "big", host, key.public_line), hosts))
    with table.row(served, f"{len(hosts)} visits over SSH", len(hosts), "each"):
        answers = visit_all(hosts, key, script, VisitSpec(in_flight=32))
    reports = [parse_answer(answer.output) for answer in answers if not answer.failure]
    assert len(reports) == len(hosts), [answer.failure for answer in answers if answer.failure][:3]
    assert all(report.stores[0].files for report in reports)
    with (
        table.row(served, f"{len(hosts)} users removed", len(hosts), "each"),
        ThreadPoolExecutor(8) as threads,
    ):
        list(threads.map(lambda host: set_user(served, "big", host, ""), hosts))


def lists(served: Served, table: Table, nodes: int) -> None:
    """Reading at that size: one object, all nodes, a filter, pages."""
    account = f"Microsoft.Batch/batchAccounts/{served.env['AZURE_BATCH_ACCOUNT']}"
    with table.row(served, "200 times one pool from Resource Manager", 200, "each"):
        for _ in range(200):
            served.arm("GET", f"{account}/pools/big", ARM)
    with table.row(served, f"all {nodes} nodes, whole", 1, "each"):
        assert len(served.data("/pools/big/nodes")["value"]) == min(nodes, 1000)
    with table.row(served, "... only id and state", 1, "each"):
        served.data("/pools/big/nodes", **{"$select": "id,state"})
    with table.row(served, "... those that are not idle", 1, "each"):
        assert served.data("/pools/big/nodes", **{"$filter": "state%20ne%20'idle'"})["value"] == []
    with table.row(served, "... in pages of 100", (nodes + 99) // 100, "a page"):
        seen, link = 0, ""
        while True:
            page = served.ask("GET", link, audience="batch.core.windows.net") if link else None
            page = page or served.data("/pools/big/nodes", maxresults="100")
            seen, link = seen + len(page["value"]), page.get("odata.nextLink", "")
            if not link:
                break
        assert seen == nodes


def many_pools(served: Served, table: Table, count: int) -> None:
    """*count* pools of two nodes over five regions, each region with an account of its own."""
    each = count // len(REGIONS)
    with table.row(served, f"{count} pools of 2 nodes in {len(REGIONS)} regions, idle", 2 * count, "a node"):
        for region in REGIONS:
            account = f"Microsoft.Batch/batchAccounts/scale{region}"
            served.arm("PUT", account, ARM, {"location": region})
            for number in range(each):
                served.arm("PUT", f"{account}/pools/pool-{number}", ARM, pool_body(2))
        for region in REGIONS:
            await_idle(served, 2 * each, f"scale{region}", region)
    with table.row(served, f"all {count} pools listed", count, "a pool"):
        for region in REGIONS:
            assert len(served.data("/pools", f"scale{region}", region)["value"]) == each


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--visits", type=int, default=1000)
    parser.add_argument("--pools", type=int, default=100)
    given = parser.parse_args()
    with served() as azure:
        identity, table = grant(azure), Table()
        print(f"{'memory before':44} {azure.memory('VmRSS'):6.0f} MiB")
        account = f"Microsoft.Batch/batchAccounts/{azure.env['AZURE_BATCH_ACCOUNT']}"
        with table.row(azure, f"{given.nodes} nodes from the pool's creation to idle", given.nodes, "a node"):
            azure.arm("PUT", f"{account}/pools/big", ARM, pool_body(given.nodes, identity))
            await_idle(azure, given.nodes)
        print(f"{'memory with them':44} {azure.memory('VmRSS'):6.0f} MiB")
        lists(azure, table, given.nodes)
        visited = min(given.visits, given.nodes)
        with table.row(azure, f"{visited} nodes' addresses and keys read", 2 * visited, "a request"):
            hosts = hosts_of(azure, "big", visited)
        visits(azure, table, hosts)
        many_pools(azure, table, given.pools)
        with table.row(azure, f"an hour passes, {given.nodes} polls", given.nodes, "a poll"):
            _pass_an_hour(azure)
        print(f"{'the most memory':44} {azure.memory('VmHWM'):6.0f} MiB")


def _pass_an_hour(azure: Served) -> None:
    from datetime import timedelta  # noqa: PLC0415 - here alone

    azure.admin.advance(timedelta(hours=1, seconds=1))


if __name__ == "__main__":
    main()
