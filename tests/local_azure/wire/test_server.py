"""The proxy: tunnels end here, nothing is forwarded."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from local_azure.wire.authority import Authority
from local_azure.wire.messages import Delivery, Reply, Request
from local_azure.wire.server import ProxyServer


@dataclass
class Served:
    """A running proxy: its port, its CA, and the requests that reached it."""

    port: int
    ca: Path
    seen: list[Request] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)
    delivery: Delivery = field(default_factory=Delivery)

    def client(self, credentials: str = "") -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.ca))
        at = f"{credentials}@" if credentials else ""
        return httpx.Client(proxy=f"http://{at}127.0.0.1:{self.port}", verify=context, trust_env=False)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    authority = Authority(tmp_path)
    it = Served(0, authority.certificate_file)

    def answer(request: Request) -> tuple[Reply, Mapping[str, str]]:
        it.seen.append(request)
        return Reply(200, {"host": request.host, "path": request.path}, delivery=it.delivery), {"X-Answer": "yes"}

    server = ProxyServer(
        answer=answer,
        serves=lambda host: host == "vault.example.net",
        tls=authority.server_context(["vault.example.net"], tmp_path),
        touch=lambda: it.touched.append(1),
    )
    it.port = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield it
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_tunnel_is_answered_as_the_host_it_asked_for(served: Served) -> None:
    """TLS inside the tunnel is verified against the private CA, and one tunnel carries many requests."""
    with served.client() as client:
        for path in ("/a?x=1", "/b%2Fc"):
            assert client.get(f"https://vault.example.net{path}").json()["host"] == "vault.example.net"
    assert [(request.path, dict(request.query)) for request in served.seen] == [("/a", {"x": "1"}), ("/b%2Fc", {})]


def test_a_host_that_is_not_ours_is_refused(served: Served) -> None:
    """A name that no service has gets no tunnel."""
    with served.client() as client, pytest.raises(httpx.ProxyError):
        client.get("https://www.example.org/")
    assert served.seen == []


def test_plain_http_is_answered_as_it_comes(served: Served) -> None:
    """The instance metadata service is asked over plain HTTP through the proxy."""
    with served.client() as client:
        reply = client.get("http://169.254.169.254/metadata", headers={"Metadata": "true"})
    assert reply.json() == {"host": "169.254.169.254", "path": "/metadata"}
    assert served.seen[0].scheme == "http"


def test_proxy_credentials_say_which_machine_asks(served: Served) -> None:
    """In a tunnel and in plain HTTP alike."""
    with served.client("node%2F1:secret") as client:
        client.get("https://vault.example.net/a")
        client.get("http://169.254.169.254/b")
    assert [request.machine for request in served.seen] == ["node/1:secret"] * 2


def test_a_body_of_any_framing_arrives_whole(served: Served) -> None:
    """Chunked and length-framed bodies alike; a body too large ends the connection."""
    with served.client() as client:
        client.put("https://vault.example.net/a", content=b"x" * 100_000)
        client.put("https://vault.example.net/a", content=iter([b"a" * 10, b"b" * 10]))
        with pytest.raises(httpx.TransportError):
            client.put("https://vault.example.net/a", content=b"x" * (9 * 1024 * 1024))
    assert [len(request.body) for request in served.seen] == [100_000, 20]


def test_a_head_has_no_body(served: Served) -> None:
    """The length that a GET would have is told, the body is not sent."""
    with served.client() as client:
        reply = client.head("https://vault.example.net/a")
    assert (reply.status_code, reply.content, int(reply.headers["content-length"]) > 0) == (200, b"", True)


def test_only_what_may_have_written_is_noted(served: Served) -> None:
    """A read leaves the revision alone, a write raises it."""
    with served.client() as client:
        client.get("https://vault.example.net/a")
        assert served.touched == []
        client.put("https://vault.example.net/a")
    assert served.touched == [1]


ADDRESSES = ["https://vault.example.net/a", "http://169.254.169.254/a"]


# Inside TLS, OpenSSL 3 may tell of a reset as of an end without a goodbye; it depends on Python's release.
RESET_IN_TLS = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.mark.parametrize(("address", "error"), [(ADDRESSES[0], RESET_IN_TLS), (ADDRESSES[1], (httpx.ReadError,))])
def test_a_lost_answer_is_a_reset_connection(served: Served, address: str, error: tuple[type[Exception], ...]) -> None:
    """Not a byte comes back, in a tunnel or outside; the next connection is served."""
    served.delivery = Delivery(lost=True)
    with served.client() as client:
        with pytest.raises(error):
            client.get(address)
        served.delivery = Delivery()
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_cut_answer_ends_in_the_middle(served: Served, address: str) -> None:
    """The head promises more than comes."""
    served.delivery = Delivery(keep=0.5)
    with served.client() as client, pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get(address)


def test_a_late_answer_lets_others_pass(served: Served) -> None:
    """A client that waits for less gives up; meanwhile another one is answered."""
    served.delivery = Delivery(delay=30)
    with served.client() as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(ADDRESSES[0], timeout=0.2)
        served.delivery = Delivery()
        assert client.get(ADDRESSES[0]).status_code == 200
    assert len(served.seen) == 2, "the late one was performed"


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01 not http\r\n\r\n", b"GET\r\n\r\n", b"", b"CONNECT nowhere HTTP/1.1\r\n"]
)
def test_noise_ends_its_own_connection_alone(served: Served, noise: bytes) -> None:
    """Whatever a client sends, the next one is served."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as raw:
        raw.sendall(noise)
        raw.shutdown(socket.SHUT_WR)
        raw.settimeout(5)
        while raw.recv(4096):
            pass
    with served.client() as client:
        assert client.get("https://vault.example.net/a").status_code == 200


def test_the_ca_is_found_again_and_its_key_is_private(tmp_path: Path) -> None:
    """A second start uses the same CA; nobody but its owner can read the key; no leaf key stays behind."""
    first = Authority(tmp_path).certificate_file.read_bytes()
    again = Authority(tmp_path)
    again.server_context(["vault.example.net"], tmp_path)
    assert again.certificate_file.read_bytes() == first
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem"]
    assert (tmp_path / "ca-key.pem").stat().st_mode & 0o777 == 0o600
