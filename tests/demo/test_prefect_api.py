"""Prefect's API as the demonstration asks it, at a server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from demo import prefect_api
from demo.prefect_api import PrefectApi


class Busy(BaseHTTPRequestHandler):
    """Says as often as it is told to that it is too busy, and then that all is well."""

    statuses: list[int]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"well": true}'
        self.send_response(self.statuses.pop(0))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectApi]:
    monkeypatch.setattr(prefect_api, "PAUSES_SECONDS", (0, 0))
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server,
        PrefectApi(f"http://127.0.0.1:{server.server_port}") as api,
    ):
        Thread(target=server.serve_forever, daemon=True).start()
        yield api
        server.shutdown()


def test_a_busy_server_is_asked_again(api: PrefectApi) -> None:
    """Its database was locked for a moment."""
    Busy.statuses = [503, 503, 200]
    assert api.post("/flows/", {}) == {"well": True}
    assert Busy.statuses == []


@pytest.mark.parametrize("statuses", [[503, 503, 503, 200], [409, 200]])
def test_what_does_not_pass_is_raised(api: PrefectApi, statuses: list[int]) -> None:
    """A server that stays busy, and another answer at once."""
    Busy.statuses = list(statuses)
    with pytest.raises(httpx.HTTPStatusError):
        api.post("/flows/", {})
    assert Busy.statuses == [200]
