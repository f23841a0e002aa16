"""A server that answers as told, for faults that a healthy Azure does not show; real HTTP, real SDK pipeline."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport

from batchcert.clouds import CLOUDS, Cloud, CloudName
from tasks.azure_api import clients
from tasks.azure_api.clients import Azure

TOKEN = "e30.eyJvaWQiOiJtZSIsInRpZCI6InRlbmFudCJ9.not-a-secret"  # {"oid": "me", "tid": "tenant"}
SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"


@dataclass
class Answer:
    """What to answer with; *reset* breaks the connection instead."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False


class Double:
    """Answers with each of *answers* in turn; the last one again and again."""

    def __init__(self, ca: trustme.CA) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: double.answer(self)
                raise AttributeError(name)

            def log_message(self, *args: Any) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def then(
        self, status: int = 200, body: Any = None, *, times: int = 1, reset: bool = False, **headers: str
    ) -> Double:
        """Answer with this next; header names have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers += [Answer(status, body, named, reset) for _ in range(times)]
        return self

    def refuse(self, status: int, code: str, message: str = "No.", *, inner: str = "", times: int = 1) -> Double:
        """Refuse next, in the shape of Azure Resource Manager and Key Vault."""
        error = {"code": code, "message": message, **({"innererror": {"code": inner}} if inner else {})}
        return self.then(status, {"error": error}, times=times)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append((request.command, request.path))
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if told.reset:
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close_connection = True
            request.connection.close()
            return
        content = told.body if isinstance(told.body, bytes) else json.dumps(told.body or {}).encode()
        request.send_response_only(told.status)
        for name, value in {"Content-Type": "application/json", **told.headers}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class StaticToken:
    """A credential that has its token already."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        del scopes, options
        return AccessToken(TOKEN, 4_000_000_000)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def double(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Double]:
    """The server, trusted and reached without a proxy."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setattr(clients, "credential", lambda _login: StaticToken())
    server = Double(authority)
    yield server
    server.close()


@pytest.fixture
def cloud(double: Double) -> Cloud:
    """A cloud whose management plane is the double."""
    return replace(CLOUDS[CloudName.PUBLIC], management=double.host)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long azure-core would have slept between its tries; it does not."""
    slept: list[float] = []
    monkeypatch.setattr(RequestsTransport, "sleep", lambda _transport, seconds: slept.append(seconds))
    return slept


@pytest.fixture
def at_double(cloud: Cloud) -> Azure:
    """Azure at the double, with no time for fresh grants."""
    return Azure(cloud, patience=timedelta(0))
