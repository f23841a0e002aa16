"""Status files: as the extension writes them, and as the agent reads whatever is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_azure.nodes.status_file import LIMIT, read_status, status_file

WHEN = datetime(2021, 3, 3, 23, 12, 23, tzinfo=UTC)


def test_a_status_file_is_the_document_s_byte_for_byte() -> None:
    """As printed in "Enable automatic certificate rotation in a Batch pool"."""
    message = "Successfully started Key Vault extension service. 2021-03-03T23:12:23Z"
    text = f'"formattedMessage":{{"lang":"en","message":"{message}"}},"operation":"Service start.","status":"success"'
    rest = '"timestampUTC":"2021-03-03T23:12:23Z","version":"1.0"'
    written = status_file("success", "Service start.", message, WHEN).decode()
    assert written == f'[{{"status":{{"code":0,{text}}},{rest}}}]'


def test_an_error_has_code_0_too() -> None:
    """Only `status.status` tells."""
    assert json.loads(status_file("error", "o", "m", WHEN))[0]["status"]["code"] == 0


@pytest.mark.parametrize("state", ["transitioning", "warning", "error", "success"])
def test_what_is_written_is_read(tmp_path: Path, state: str) -> None:
    """State and message come back."""
    (tmp_path / "1.status").write_bytes(status_file(state, "o", "why", WHEN))
    status = read_status(tmp_path / "1.status")
    assert (status.state, status.message) == (state, "why")


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (None, "transitioning"),
        (b"", "error"),
        (b"[", "error"),
        (b'[{"status":{"code":0,"formattedMess', "error"),
        (b"[]", "error"),
        (b"{}", "error"),
        (b'[{"status":"success"}]', "error"),
        (b'[{"status":{"status":"great"}}]', "error"),
        (b'[{"status":{"status":["success"]}}]', "error"),
        (b'[{"status":{"status":"success"}}]', "success"),
        (b'[{"status":{"status":"success","formattedMessage":null}}]', "error"),
        (b"\xff\xfe", "error"),
        (b"[" + b" " * LIMIT + b'{"status":{"status":"success"}}]', "error"),
    ],
)
def test_whatever_the_file_holds_the_agent_has_an_answer(tmp_path: Path, content: bytes | None, state: str) -> None:
    """Missing is not terminal; garbage, half-written and too large are errors."""
    if content is not None:
        (tmp_path / "1.status").write_bytes(content)
    assert read_status(tmp_path / "1.status").state == state
