"""The browser of these tests stays on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.slow

FETCH = "address => fetch(address, {mode: 'no-cors'}).then(() => 'answered', () => 'not found')"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server on every address of this machine."""
    with ThreadingHTTPServer(("", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_it_finds_no_host_but_this_one(page: Page, port: int) -> None:
    """Neither by name nor by number, though a server would answer there."""
    with page.context.new_page() as tab:
        tab.goto(f"http://127.0.0.1:{port}/")
        answers = {
            host: tab.evaluate(FETCH, f"http://{host}:{port}/") for host in ("127.0.0.1", "127.0.0.2", "localhost")
        }
    assert answers == {"127.0.0.1": "answered", "127.0.0.2": "not found", "localhost": "not found"}
