"""A status file of the guest agent's extensions.

Source: Azure virtual machine extensions, status file: a JSON array whose element 0 counts.
"""

from __future__ import annotations

import json
from typing import Any

from batchcert.visit.faults import Fault
from batchcert.visit.report import Status
from batchcert.visit.text import one_line

MAX_STATUS_BYTES = 128 * 1024
"""What the guest agent accepts."""

STATES = frozenset({"transitioning", "warning", "error", "success"})
_LITERALS = ("true", "false", "null", "-", "NaN", "Infinity", "-Infinity")


def parse_status(content: bytes) -> Status:
    """Element 0 of the status file with this *content*.

    Only `status.status` is judged: `code` is 0 in errors too. Any other state than the four counts as an error.

    Raises: Problem `status-too-large`, `status-half-written` or `status-garbage`.
    """
    if len(content) > MAX_STATUS_BYTES:
        raise Fault.STATUS_TOO_LARGE.problem(f"the status file has {len(content)} bytes")
    entry = _element_0(_json(content))
    status = entry.get("status")
    if not isinstance(status, dict) or not isinstance(status.get("status"), str):
        raise Fault.STATUS_GARBAGE.problem("the status file's element 0 has no status.status")
    state = status["status"]
    known = state in STATES
    message = _message(status.get("formattedMessage"))
    return Status(
        state=state if known else "error",
        operation=_text(status.get("operation")),
        message=message if known else one_line(f"{message} (unknown state {state!r})"),
        timestamp=_text(entry.get("timestampUTC")),
    )


def _element_0(document: Any) -> dict[str, Any]:
    if not isinstance(document, list) or not document or not isinstance(document[0], dict):
        raise Fault.STATUS_GARBAGE.problem("the status file is not an array with an object in it")
    return document[0]


def _json(content: bytes) -> Any:
    text = content.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if _breaks_off(text, error):
            raise Fault.STATUS_HALF_WRITTEN.problem(f"the status file breaks off after {len(content)} bytes") from None
        raise Fault.STATUS_GARBAGE.problem(
            f"the status file is not JSON: {error.msg} at character {error.pos}"
        ) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets of thousands of levels
        raise Fault.STATUS_GARBAGE.problem("the status file holds JSON that nobody would write") from None


def _breaks_off(text: str, error: json.JSONDecodeError) -> bool:
    """Whether *text* is the beginning of a JSON document, as a reader sees it in mid-write."""
    rest = text[error.pos :].rstrip()
    return (
        not rest
        or error.msg.startswith("Unterminated string")
        or (error.msg.startswith("Invalid \\") and len(rest) < len("\\u0000"))
        or any(literal.startswith(rest) for literal in _LITERALS)
    )


def _message(formatted: Any) -> str:
    return _text(formatted.get("message") if isinstance(formatted, dict) else formatted)


def _text(value: Any) -> str:
    return one_line(value) if isinstance(value, str) else ""
