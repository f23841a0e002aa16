"""What nodes send, against the real proxy."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local_azure.nodes.web import Lines, Web, WebError
from local_azure.wire.authority import Authority
from local_azure.wire.messages import Delivery, Reply, Request
from local_azure.wire.server import ProxyServer

pytestmark = pytest.mark.anyio
VAULT = "https://vault.example.net"


@dataclass
class Served:
    """A proxy, the requests that reached it, and how many tunnels were asked for."""

    folder: Path
    authority: Authority
    lines: Lines
    server: ProxyServer | None = None
    port: int = 0
    seen: list[Request] = field(default_factory=list)
    tunnels: list[str] = field(default_factory=list)
    delivery: Delivery = field(default_factory=Delivery)

    def web(self, name: str = "acc%2Fpool%2Fnode") -> Web:
        return Web(self.lines, f"http://{name}:p%40ss@127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Listen, at the same port as before."""
        tls = self.authority.server_context(["vault.example.net"], self.folder)
        self.server = ProxyServer(answer=self._answer, serves=self._serves, tls=tls, touch=lambda: None)
        self.port = await self.server.start(self.port)

    async def stop(self) -> None:
        """Close all connections."""
        assert self.server is not None
        await self.server.close()

    def _answer(self, request: Request) -> tuple[Reply, Mapping[str, str]]:
        self.seen.append(request)
        return Reply(200, {"path": request.path}, delivery=self.delivery), {}

    def _serves(self, host: str) -> bool:
        self.tunnels.append(host)
        return host == "vault.example.net"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = Authority(tmp_path)
    lines = Lines(ssl.create_default_context(cafile=str(authority.certificate_file)))
    served = Served(tmp_path, authority, lines)
    await served.start()
    yield served
    await served.lines.close()
    await served.stop()


async def test_nodes_share_a_tunnel_and_each_says_who_it_is(served: Served) -> None:
    """One handshake serves many requests of many nodes."""
    for name in ("one", "two%2Fthree", "one"):
        answer = await served.web(name).get(f"{VAULT}/secrets/a%20b", {"api-version": "7.4"}, {"X-Test": "yes"})
        assert (answer.status, answer.json()) == (200, {"path": "/secrets/a%20b"})
    assert served.tunnels == ["vault.example.net"]
    assert [request.machine for request in served.seen] == ["one:p@ss", "two/three:p@ss", "one:p@ss"]
    assert {(request.api_version, request.headers["x-test"]) for request in served.seen} == {("7.4", "yes")}


async def test_plain_http_goes_to_the_proxy_itself(served: Served) -> None:
    """As the instance metadata service is asked."""
    await served.web().get("http://169.254.169.254/metadata/x?a=1", {"b": "2"}, {})
    (request,) = served.seen
    assert (request.scheme, request.host, dict(request.query)) == ("http", "169.254.169.254", {"a": "1", "b": "2"})
    assert request.machine == "acc/pool/node:p@ss"
    assert served.tunnels == []


async def test_a_connection_that_died_while_idle_is_replaced(served: Served) -> None:
    """No request is lost to it, and none is sent twice."""
    web = served.web()
    await web.get(f"{VAULT}/a", {}, {})
    await served.stop()
    await served.start()
    await web.get(f"{VAULT}/b", {}, {})
    assert [request.path for request in served.seen] == ["/a", "/b"]


@pytest.mark.parametrize("delivery", [Delivery(lost=True), Delivery(keep=0.5)])
async def test_a_broken_answer_is_an_error_and_the_next_one_is_not(served: Served, delivery: Delivery) -> None:
    """A request is not repeated by itself; the broken connection is not used again."""
    web = served.web()
    await web.get(f"{VAULT}/a", {}, {})
    served.delivery = delivery
    with pytest.raises(WebError):
        await web.get(f"{VAULT}/b", {}, {})
    served.delivery = Delivery()
    await web.get(f"{VAULT}/c", {}, {})
    assert [request.path for request in served.seen] == ["/a", "/b", "/c"]


@pytest.mark.parametrize("url", ["vault.example.net/a", "ftp://vault.example.net/a", "https://", "https://[x/a"])
async def test_what_is_no_address_is_told(served: Served, url: str) -> None:
    """Nothing is sent."""
    with pytest.raises(WebError, match=r"vault|https"):
        await served.web().get(url, {}, {})
    assert served.seen == []


async def test_a_host_that_is_not_served_is_refused(served: Served) -> None:
    """With the host and what the proxy said."""
    with pytest.raises(WebError, match=r"other\.example\.net:443: HTTP/1\.1 502"):
        await served.web().get("https://other.example.net/a", {}, {})


async def test_another_ca_is_not_trusted(served: Served, tmp_path: Path) -> None:
    """TLS is verified."""
    served.lines = Lines(ssl.create_default_context())
    with pytest.raises(WebError, match="CERTIFICATE_VERIFY_FAILED"):
        await served.web().get(f"{VAULT}/a", {}, {})
