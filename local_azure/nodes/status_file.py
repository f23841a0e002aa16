"""Status files: how an extension tells the guest agent how it is, and how the agent reads them.

Source: the status file section of Azure's Linux extension documentation (azure-linux-extensions, "extension handler
status"), and WALinuxAgent's `exthandlers.py` for what the agent makes of a missing or broken one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

LIMIT = 128 * 1024  # bytes; WALinuxAgent reads no larger status file
STATES = frozenset({"transitioning", "warning", "error", "success"})


@dataclass(frozen=True)
class Status:
    """*state* is one of `STATES`."""

    state: str
    message: str


def status_file(state: str, operation: str, message: str, when: datetime) -> bytes:
    """The file's content in KeyVaultForLinux's own form: `code` is 0 whatever the state."""
    status = {
        "code": 0,
        "formattedMessage": {"lang": "en", "message": message},
        "operation": operation,
        "status": state,
    }
    document = [{"status": status, "timestampUTC": stamp(when), "version": "1.0"}]
    return json.dumps(document, separators=(",", ":")).encode()


def read_status(file: Path) -> Status:
    """What the guest agent reports of *file*, whatever it holds."""
    try:
        if file.stat().st_size > LIMIT:
            return Status("error", f"{file.name} is larger than {LIMIT} bytes")
        first = json.loads(file.read_bytes())[0]["status"]
        state, message = str(first["status"]), str(first.get("formattedMessage", {}).get("message", ""))
    except FileNotFoundError:
        return Status("transitioning", "No status file has been written yet; the guest agent reports this status.")
    except (ValueError, LookupError, TypeError, AttributeError):
        return Status("error", f"{file.name} cannot be parsed")
    return Status(state, message) if state in STATES else Status("error", f"{file.name} has the status {state!r}")


def stamp(when: datetime) -> str:
    """A time as the extension writes it, 2021-03-03T23:12:23Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
