"""The embedded Azure, as the demonstration starts it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The service principal's variables go to the worker alone; the others are no secret and say where Azure is.
SIGN_IN = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
PLACE = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class Cloud:
    """How the embedded Azure is reached: *sign_in* and *place* are environment variables."""

    sign_in: dict[str, str]
    place: dict[str, str]


def command(ready_file: Path) -> list[str]:
    """The command that serves Azure and writes *ready_file* once it answers."""
    return [str(Path(sys.executable).with_name("local-azure")), "serve", "--ready-file", str(ready_file)]


def read_ready(ready_file: Path) -> Cloud | None:
    """What the ready file says, or None while it is not there or not yet whole."""
    try:
        ready: dict[str, Any] = json.loads(ready_file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    env: dict[str, str] = ready["env"]
    return Cloud({name: env[name] for name in SIGN_IN}, {name: env[name] for name in PLACE})
