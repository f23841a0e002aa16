"""A real TLS service on a node, and how a client on the node reaches it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from local_azure.clock import Clock
from local_azure.nodes import machines as machines_module
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

MakeMachine = Callable[..., Awaitable[Machine]]
MakeRoot = Callable[[Machine], Any]
ONE, TWO = "1" * 32, "2" * 32
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
SERVING = Path(__file__).parents[3] / "serving.py"

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not shutil.which("openssl", path=machines_module.HOST_PROGRAMS), reason="no openssl here"),
]


def _put_python(machine: Machine) -> None:
    """Let the node have the Python that runs this, as a real image has one."""
    machine.disk.host("/usr/local/bin/python").symlink_to(Path(sys.executable).resolve())


async def _serve(root: Any, port: int, certificate: str, options: str = "") -> None:
    """A TLS service on the node that stands for *port*, up and running."""
    root.machine.disk.write("/opt/serving.py", SERVING.read_bytes())
    await root.service(
        f"tls-{port}",
        f"ExecStart=python /opt/serving.py --port-file /run/ports/{port} --certificate {certificate} {options}",
        "ExecReload=/bin/kill -HUP $MAINPID",
    )
    assert (await root(f"systemctl enable --now tls-{port}")).code == 0
    await root.until(f"test -f /run/ports/{port} && echo up", "up\n")


async def _served(root: Any, where: str, *options: str) -> str:
    """The subject of the certificate that a client on the node is shown."""
    words = " ".join(("-connect", where, *options))
    return str((await root(f"openssl s_client {words} </dev/null 2>/dev/null | openssl x509 -noout -subject")).out)


@pytest.fixture
async def node(make_machine: MakeMachine, make_root: MakeRoot, small_azure: Any, extension: Any, issue: Any) -> Any:
    """Root on a node that has a certificate, and python."""
    small_azure.put("web", ONE, issue("first").pem)
    machine = await make_machine(extension())
    _put_python(machine)
    await machine.install_extensions()
    return make_root(machine)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_port_of_the_node_s_own(node: Any, host: str) -> None:
    """A service that tells its port in /run/ports is found at the port that it stands for."""
    await _serve(node, 443, f"{STORE}/kv-one.web")
    assert "first" in await _served(node, f"{host}:443")
    assert await _served(node, f"{host}:444") == ""


async def test_two_nodes_serve_at_one_port(
    node: Any, make_machine: MakeMachine, make_root: MakeRoot, issue: Any
) -> None:
    """Each its own certificate."""
    other = make_root(await make_machine(key="acc/pool/other"))
    _put_python(other.machine)
    issued = issue("other")
    leaf = issued.chain[0].public_bytes(Encoding.PEM)
    other.machine.disk.write("/opt/own.pem", issued.key_pem + leaf, 0o600)
    await _serve(node, 443, f"{STORE}/kv-one.web")
    await _serve(other, 443, "/opt/own.pem")
    assert "first" in await _served(node, "127.0.0.1:443")
    assert "other" in await _served(other, "127.0.0.1:443", "-servername", "x.example")


async def test_a_service_with_a_certificate_for_each_name(node: Any, issue: Any) -> None:
    """The client's server name decides; a file that is no good leaves what was read before."""
    issued = issue("by-name")
    node.machine.disk.write("/opt/named.pem", issued.key_pem + issued.chain[0].public_bytes(Encoding.PEM), 0o600)
    await _serve(node, 443, f"{STORE}/kv-one.web", "--sni a.example=/opt/named.pem")
    node.machine.disk.write("/opt/named.pem", "no certificate")
    assert (await node("systemctl reload tls-443")).code == 0
    await node.until("grep -c 'the certificate stays as it is' /var/log/syslog", "1\n")
    assert "by-name" in await _served(node, "127.0.0.1:443", "-servername", "a.example")
    assert "first" in await _served(node, "127.0.0.1:443", "-servername", "b.example")
    assert "first" in await _served(node, "127.0.0.1:443")


async def test_the_port_itself_still_counts(node: Any) -> None:
    """A service that has the port for itself needs no file."""
    await _serve(node, 443, f"{STORE}/kv-one.web")
    port = (await node.read("/run/ports/443")).strip()
    assert "first" in await _served(node, f"127.0.0.1:{port}")


async def test_all_else_is_the_host_s_openssl(node: Any) -> None:
    """Its other commands, its options and its exit codes."""
    said = await node("printf x | openssl dgst -sha256 -r | cut -c1-8; openssl frobnicate 2>/dev/null; echo $?")
    assert said.out == "2d711642\n1\n"
    said = await node("openssl x509 -noout -subject -in /opt/none")
    assert said.code == 1
    assert "/opt/none" in said.err


async def test_a_host_without_openssl_makes_a_node_without(
    tmp_path: Path, small_azure: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shim that stands before it is not put onto the disks; the others are."""
    monkeypatch.setattr(machines_module, "HOST_PROGRAMS", str(tmp_path))
    Machines(tmp_path / "bare", clock=Clock(), tls=small_azure.trust, proxy=lambda _: "http://127.0.0.1:1")
    shims = {shim.name for shim in (tmp_path / "bare" / ".shims").iterdir()}
    assert "openssl" not in shims
    assert {"systemctl", "date", "sudo"} <= shims


async def test_a_service_shows_the_old_certificate_until_it_is_told(
    node: Any, small_azure: Any, issue: Any, clock: Clock
) -> None:
    """The extension tells nobody; a path unit does, once for each version."""
    await _serve(node, 443, f"{STORE}/kv-one.web")
    small_azure.put("web", TWO, issue("second").pem)
    await clock.advance(timedelta(hours=1))
    assert "first" in await _served(node, "127.0.0.1:443")
    await node.service("hook", "Type=oneshot", "ExecStart=systemctl reload tls-443")
    await node.unit("hook.path", "[Path]", f"PathChanged={STORE}", "[Install]", "WantedBy=multi-user.target")
    await node("systemctl enable --now hook.path; systemctl start hook")
    await node.until("openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | grep -c ^subject.*second", "1\n")
    pid = (await node("systemctl show -p MainPID tls-443")).out
    small_azure.put("web", "3" * 32, issue("third").pem)
    await clock.advance(timedelta(days=90))
    await node.until("openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | grep -c ^subject.*third", "1\n")
    assert (await node("systemctl show -p MainPID tls-443")).out == pid
