"""What keeps the embedded Azure to the person who started it: loopback, a CA that nobody trusts untold, a token."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import certifi
import httpx
import pytest
import requests
from azure.batch import BatchClient
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from local_azure.admin.client import AdminClient
from local_azure.admin.ready import Ready
from local_azure.environment import LEADS_ELSEWHERE
from local_azure.pytest_plugin import set_environment
from local_azure.serving import LocalAzure
from local_azure.wire.authority import Authority

COMMAND = (sys.executable, "-m", "local_azure")
PROC = Path("/proc")
LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}  # the states of Linux's include/net/tcp_states.h


@dataclass(frozen=True)
class Serving:
    """A `local-azure serve` of a person with an empty home, in an empty folder."""

    process: subprocess.Popen[str]
    folder: Path
    ready_file: Path
    printed: str

    @property
    def ready(self) -> Ready:
        return Ready.read(self.ready_file)

    def left_behind(self) -> list[str]:
        """What is in the person's home and in the folder in which the process was started."""
        return [str(path) for name in ("home", "here") for path in (self.folder / name).rglob("*")]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("person")
    for name in ("home", "here", "passing"):
        (folder / name).mkdir()
    places = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "passing")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "AZURE_"))}
    ready_file = folder / "run/ready.json"
    command = [*COMMAND, "serve", "--ready-file", str(ready_file), "--node-seconds", "0.1"]
    with subprocess.Popen(
        command,
        env={**kept, **places},
        cwd=folder / "here",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield Serving(process, folder, ready_file, process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def listening(pid: int) -> list[tuple[str, int]]:
    """Address and port of each socket on which a process of this machine takes connections or datagrams."""
    held = {str(link.readlink()) for link in (PROC / f"{pid}/fd").iterdir() if link.is_symlink()}
    found = []
    for protocol, state in LISTENING.items():
        for row in (PROC / f"{pid}/net/{protocol}").read_text().splitlines()[1:]:
            _, local, _, status, *_, inode = row.split()[:10]
            if status == state and f"socket:[{inode}]" in held:
                address, _, port = local.partition(":")
                found.append((_address(address), int(port, 16)))
    return found


def _address(text: str) -> str:
    """An address as Linux prints it there: words of 32 bits, each with its bytes in the machine's own order."""
    words = [bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8)]
    return str(ip_address(b"".join(word[:: -1 if sys.byteorder == "little" else 1] for word in words)))


def make_pool(env: dict[str, str], name: str, nodes: int) -> None:
    """A pool whose nodes answer SSH, all of them idle."""
    ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
    ssh = {"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}
    image = {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}
    machine = {"imageReference": image, "nodeAgentSkuId": "batch.node.ubuntu 24.04"}
    properties = {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
        "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [ssh]}},
    }
    credential, group, account = EnvironmentCredential(), env["AZURE_RESOURCE_GROUP"], env["AZURE_BATCH_ACCOUNT"]
    with BatchManagementClient(credential, env["AZURE_SUBSCRIPTION_ID"]) as management:
        endpoint = management.batch_account.get(group, account).properties.account_endpoint
        management.pool.create(group, account, name, {"properties": properties})
    deadline = time.monotonic() + 60
    with BatchClient(f"https://{endpoint}", credential) as data:
        while [node.state for node in data.list_nodes(name)] != ["idle"] * nodes:
            assert time.monotonic() < deadline, "the nodes did not come up"
            time.sleep(0.05)


@pytest.mark.skipif(not (PROC / "self/net/tcp").exists(), reason="without Linux's /proc/net")
def test_it_listens_on_loopback_alone(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy, admin port, and the SSH port of each node: there is no other socket, of whatever protocol."""
    env = serving.ready.env
    set_environment(env, monkeypatch)
    make_pool(env, "listening", 2)
    sockets = listening(serving.process.pid)
    assert {address for address, _ in sockets} == {str(IPv4Address("127.0.0.1"))}
    ports = {int(url.rpartition(":")[2]) for url in (env["HTTPS_PROXY"], serving.ready.admin_url)}
    assert ports < {port for _, port in sockets}
    assert len(sockets) == len(ports) + 2, "two ports of its own, and one for each node"


def trust_stores() -> dict[str, str]:
    """What this machine's OpenSSL and Python's bundle trust: each file by its digest, a folder by its names."""
    paths = ssl.get_default_verify_paths()
    stores: dict[str, str] = {}
    for place in map(Path, (paths.openssl_cafile, paths.openssl_capath, certifi.where(), "/etc/ssl/certs")):
        if place.is_file():
            stores[str(place)] = hashlib.sha256(place.read_bytes()).hexdigest()
        elif place.is_dir():
            stores[str(place)] = " ".join(sorted(path.name for path in place.iterdir()))
    return stores


def test_the_ca_is_installed_nowhere(serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trust store has changed, a home stays empty, and a client that was told the proxy alone trusts nothing."""
    before = trust_stores()
    assert before
    with LocalAzure(state=tmp_path / "state") as azure:
        for name in (*LEADS_ELSEWHERE, "REQUESTS_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        proxies = {"https": azure.env["HTTPS_PROXY"]}
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            requests.get("https://management.azure.com/", proxies=proxies, timeout=30)
        told = requests.get(
            "https://management.azure.com/", proxies=proxies, timeout=30, verify=azure.env["REQUESTS_CA_BUNDLE"]
        )
        assert told.status_code < 500
    assert trust_stores() == before
    assert serving.left_behind() == []


def test_the_ca_goes_with_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no state is kept, neither its certificate nor its key outlives it."""
    with LocalAzure() as azure:
        certificate = Path(azure.env["REQUESTS_CA_BUNDLE"])
        assert certificate.with_name("ca-key.pem").stat().st_mode & 0o777 == 0o600
    assert not certificate.parent.exists()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_its_owner_reads_the_key_of_the_ca(tmp_path: Path, mask: int) -> None:
    """Whatever the process's umask is, and whatever became of the mode while the folder was copied."""
    before = os.umask(mask)
    try:
        key = Authority(tmp_path).certificate_file.with_name("ca-key.pem")
        assert key.stat().st_mode & 0o777 == 0o600
        key.chmod(0o644)
        content = key.read_bytes()
        Authority(tmp_path)
    finally:
        os.umask(before)
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes() == content


def test_the_token_stands_in_the_ready_file_alone(serving: Serving) -> None:
    """With it the admin port answers; it is neither printed nor on a command line nor in a client's environment."""
    ready = serving.ready
    assert serving.ready_file.stat().st_mode & 0o777 == 0o600
    admin = AdminClient(ready)
    assert admin.env() == ready.env
    admin.close()
    assert ready.admin_url in serving.printed
    elsewhere = [serving.printed, json.dumps(ready.env), " ".join(map(str, serving.process.args))]  # type: ignore[arg-type]
    assert [text for text in elsewhere if ready.admin_token in text] == []


@pytest.mark.parametrize("host", ["evil.example", "management.azure.com", "localhost"])
def test_the_admin_port_answers_to_its_own_name_alone(serving: Serving, host: str) -> None:
    """So a page in a browser whose name resolves to loopback gets nothing, though the browser had the token."""
    ready = serving.ready
    headers = {"Host": host, "Authorization": f"Bearer {ready.admin_token}"}
    reply = httpx.get(f"{ready.admin_url}/env", headers=headers, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["code"]) == (502, "UnknownHost")
