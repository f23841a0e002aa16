"""Every request received, kept in memory for whoever asks, and recorded to a file on request."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from local_azure.wire.messages import Reply, Request, framed

_KEPT = 200_000  # entries; some 300 bytes each
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization"})
_SECRET_FIELDS = frozenset({"access_token", "client_secret", "client_assertion", "password", "value", "pwd"})
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_FORM_SECRET = re.compile(r"\b(client_secret|client_assertion|password)=[^&]*")
_REDACTED = "REDACTED"


@dataclass(frozen=True)
class Entry:
    """One request: when (UTC, the embedded Azure's clock), what, by whom, and the answer.

    *caller* is an object id, "" for nobody known; *machine* is the node that asked, "" for anybody else; *fault* is the
    id of the fault rule that struck, "" for none; *status* is 0 where a fault left no answer.
    """

    time: str
    method: str
    host: str
    path: str
    api_version: str
    caller: str
    status: int
    machine: str = ""
    fault: str = ""

    @property
    def writes(self) -> bool:
        """Whether it could change a resource; asking Entra for a token changes none."""
        return self.method in {"PUT", "POST", "PATCH", "DELETE"} and not self.host.startswith("login.")

    def as_json(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {**asdict(self), "writes": self.writes}


class RequestLog:
    """The requests received, oldest first, up to a bound; and, with *record*, each whole exchange in that file."""

    def __init__(self, now: Callable[[], datetime], record: Path | None = None) -> None:
        self._now = now
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._record: TextIO | None = record.open("a", encoding="utf-8") if record else None

    def entries(self) -> list[Entry]:
        """What was received since the start or the last `clear`."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget what was received."""
        self._entries.clear()

    def add(self, request: Request, caller: str, reply: Reply, headers: Mapping[str, str]) -> None:
        """Note one exchange; *caller* is the object id in the token, *headers* are those that were sent."""
        self._entries.append(
            Entry(
                time=self._now().isoformat(timespec="milliseconds"),
                method=request.method,
                host=request.host,
                path=request.path,
                api_version=request.api_version,
                caller=caller,
                status=reply.status,
                machine=request.machine.rpartition(":")[0],
                fault=reply.delivery.fault,
            )
        )
        if self._record:
            self._record.write(json.dumps(_exchange(request, reply, headers)) + "\n")
            self._record.flush()

    def close(self) -> None:
        """Close the recording."""
        if self._record:
            self._record.close()


def _exchange(request: Request, reply: Reply, headers: Mapping[str, str]) -> dict[str, Any]:
    body = reply.content()
    return {
        **({"fault": reply.delivery.fault} if reply.delivery.fault else {}),
        "method": request.method,
        "url": request.url,
        "request_headers": _without_secrets(request.headers),
        "request_body": _redacted_text(request.body),
        "status": reply.status,
        "response_headers": _without_secrets(framed(reply, headers, len(body))),
        "response_body": _redacted_text(body),
    }


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: _REDACTED if name.lower() in _SECRET_HEADERS else value for name, value in headers.items()}


def _redacted_text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(_redacted(json.loads(text)))
    except ValueError:
        return _FORM_SECRET.sub(rf"\1={_REDACTED}", _PRIVATE_KEY.sub(_REDACTED, text))


def _redacted(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _redacted(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if isinstance(value, str) and (name in _SECRET_FIELDS or "PRIVATE KEY" in value):
        return _REDACTED
    return value
