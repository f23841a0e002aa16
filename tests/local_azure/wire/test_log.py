"""The request log, and what is recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from local_azure.wire.log import RequestLog
from local_azure.wire.messages import Delivery, Reply, Request

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = "-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----\n"


def request(method: str = "GET", host: str = "a.vault.azure.net", **more: object) -> Request:
    return Request(method=method, host=host, path="/secrets/x", query={"api-version": "7.4"}, headers={}, **more)  # type: ignore[arg-type]


def test_an_entry_says_who_asked_what_and_what_came_of_it() -> None:
    """Time, method, host, path, api-version, caller and status; a machine without its proxy password."""
    log = RequestLog(lambda: NOW)
    log.add(request(machine="account/pool/node:hidden"), "object-id", Reply(200), {})
    assert log.entries()[0].as_json() == {
        "time": "2026-01-02T00:00:00.000+00:00",
        "method": "GET",
        "host": "a.vault.azure.net",
        "path": "/secrets/x",
        "api_version": "7.4",
        "caller": "object-id",
        "status": 200,
        "machine": "account/pool/node",
        "fault": "",
        "writes": False,
    }


def test_a_fault_is_noted(tmp_path: Path) -> None:
    """In the list and in the recording, so that nobody takes its answer for the service's own."""
    log = RequestLog(lambda: NOW, tmp_path / "record.jsonl")
    log.add(request(), "", Reply(503, {}, delivery=Delivery(fault="f1")), {})
    log.add(request(), "", Reply(200, {}), {})
    log.close()
    assert [entry.fault for entry in log.entries()] == ["f1", ""]
    recorded = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert [exchange.get("fault") for exchange in recorded] == ["f1", None]


def test_asking_for_a_token_is_no_write() -> None:
    """A second run that signs in again has still written nothing."""
    log = RequestLog(lambda: NOW)
    log.add(request("POST", "login.microsoftonline.com"), "", Reply(200), {})
    log.add(request("PUT"), "", Reply(200), {})
    assert [entry.writes for entry in log.entries()] == [False, True]


def test_a_recording_holds_no_secret(tmp_path: Path) -> None:
    """Tokens, client secrets, secret values and private keys are left out, everything else is kept."""
    file = tmp_path / "exchanges.jsonl"
    log = RequestLog(lambda: NOW, file)
    form = b"grant_type=client_credentials&client_secret=hunter2&scope=x"
    log.add(
        Request(
            method="POST",
            host="login.microsoftonline.com",
            path="/t/oauth2/v2.0/token",
            query={},
            headers={"authorization": "Bearer hunter2", "accept": "*/*"},
            body=form,
        ),
        "",
        Reply(200, {"access_token": "hunter2", "expires_in": 3599}),
        {"Date": "now"},
    )
    log.add(request(), "", Reply(200, {"id": "x", "value": KEY, "nested": [{"pem": KEY}]}), {})
    log.add(request(), "", Reply(200, KEY.encode()), {})
    log.close()
    text = file.read_text()
    assert "hunter2" not in text
    assert "MIIsecret" not in text
    first = json.loads(text.splitlines()[0])
    assert (first["method"], first["status"], first["request_headers"]["accept"]) == ("POST", 200, "*/*")
    assert set(first) == {
        "method", "url", "request_headers", "request_body", "status", "response_headers", "response_body",
    }  # fmt: skip


def test_a_recording_has_the_headers_that_are_sent(tmp_path: Path) -> None:
    """What the server says of a body stands in the recording, too; the service's own word counts more."""
    log = RequestLog(lambda: NOW, tmp_path / "record.jsonl")
    for reply in (Reply(200, {"a": 1}), Reply(200, b"ab", {"content-type": "text/plain"}), Reply(304), Reply(204)):
        log.add(request(), "", reply, reply.headers)
    log.close()
    rows = [json.loads(line)["response_headers"] for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert rows == [
        {"Content-Type": "application/json; charset=utf-8", "Content-Length": "8"},
        {"content-type": "text/plain", "Content-Length": "2"},
        {},
        {},
    ]
