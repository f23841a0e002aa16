"""Status files, as seen in the wild and worse."""

from __future__ import annotations

import json

import pytest

from batchcert.problems import Problem
from batchcert.visit.status import MAX_STATUS_BYTES, parse_status

# The file that Microsoft's document on certificates in Batch pools shows.
DOCUMENT = (
    b'[{"status":{"code":0,"formattedMessage":{"lang":"en","message":"Successfully started Key Vault extension '
    b'service. 2021-03-03T23:12:23Z"},"operation":"Service start.","status":"success"},'
    b'"timestampUTC":"2021-03-03T23:12:23Z","version":"1.0"}]'
)


def _file(**status: object) -> bytes:
    return json.dumps([{"status": status, "version": 1.0}]).encode()


def test_the_document_s_own_file():
    """All that counts of it is there."""
    status = parse_status(DOCUMENT)
    assert (status.state, status.operation, status.timestamp) == ("success", "Service start.", "2021-03-03T23:12:23Z")
    assert status.message == "Successfully started Key Vault extension service. 2021-03-03T23:12:23Z"


@pytest.mark.parametrize(
    ("content", "state", "message"),
    [
        (_file(status="error", code=0, formattedMessage={"message": "no"}), "error", "no"),  # code is 0 in errors too
        (_file(status="success", code=7, formattedMessage={"message": "yes"}), "success", "yes"),
        (_file(status="transitioning", formattedMessage={"lang": "en", "message": "…"}), "transitioning", "…"),
        (_file(status="warning", substatus=None), "warning", ""),
        (_file(status="success", substatus=[{"status": "error"}]), "success", ""),
        (_file(status="Success", formattedMessage={"message": "m"}), "error", "m (unknown state 'Success')"),
        (_file(status="done"), "error", "(unknown state 'done')"),
        (_file(status=""), "error", "(unknown state '')"),
        (_file(status="success", formattedMessage="plain"), "success", "plain"),
        (_file(status="success", formattedMessage=[1]), "success", ""),
        (_file(status="success", formattedMessage={"message": 5}), "success", ""),
        (_file(status="success", formattedMessage=None, operation=None), "success", ""),
        (b'[{"version":"1.0","status":{"status":"success"}}, "more"]', "success", ""),
        (b'\xef\xbb\xbf[{"status":{"status":"success"}}]\r\n', "success", ""),
        (b'[{"status":{"status":"error","formattedMessage":{"message":"\xff"}}}]', "error", "\ufffd"),
    ],
)
def test_what_counts_is_status_status(content, state, message):
    """Neither code, substatus nor version changes anything; an unknown state is an error."""
    status = parse_status(content)
    assert (status.state, status.message) == (state, message)


def test_text_comes_out_fit_to_be_shown():
    """Line ends, terminal escapes, overrides and half characters are gone, and the length is bounded."""
    message = "a\x1b[31m\nb\u202ec\ud800\u2028d " + "x" * 5000
    shown = parse_status(_file(status="error", formattedMessage={"message": message})).message
    assert shown.startswith("a [31m b c d xxx")
    assert len(shown) == 1000
    shown.encode()


def test_every_beginning_of_a_file_is_half_written():
    """A reader that comes in mid-write says so, wherever the write stands."""
    for cut in range(len(DOCUMENT)):
        with pytest.raises(Problem) as raised:
            parse_status(DOCUMENT[:cut])
        assert raised.value.code == "status-half-written", DOCUMENT[:cut]


@pytest.mark.parametrize("content", [b'[{"a":"\\u12', b'[{"a":"\\', b'[{"a":tr', b'[{"a":-', b"\n", b'[{"a":"caf\xc3'])
def test_a_break_in_mid_word_is_half_written(content):
    """Escapes, literals, numbers and characters may be cut too."""
    with pytest.raises(Problem, match="status-half-written"):
        parse_status(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * (MAX_STATUS_BYTES + 1), "status-too-large"),
        (b"hello", "status-garbage"),
        (b"\x00" * 200, "status-garbage"),
        (b"<xml/>", "status-garbage"),
        (b"[{}] trailing", "status-garbage"),
        (b"{}", "status-garbage"),
        (b"[]", "status-garbage"),
        (b"[5]", "status-garbage"),
        (b"[{}]", "status-garbage"),
        (b'[{"status":null}]', "status-garbage"),
        (b'[{"status":{"status":null}}]', "status-garbage"),
        (b'[{"status":{"status":["success"]}}]', "status-garbage"),
        (b"null", "status-garbage"),
        (b"[" * 100_000, "status-garbage"),
        (b"[" + b"9" * 10_000 + b"]", "status-garbage"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_each_unreadable_file_has_its_code(content, code):
    """Too large, or something that no extension writes: a code of its own, with cause and cure."""
    with pytest.raises(Problem) as raised:
        parse_status(content)
    assert raised.value.code == code
    assert raised.value.cause
    assert raised.value.cure
