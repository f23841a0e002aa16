"""One request and its answer, as `local-azure serve --record` writes them: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; header names are in lower case.

    Attributes:
        status: 0 where there was no answer.
    """

    method: str
    url: str
    status: int
    request_headers: Mapping[str, str]
    response_headers: Mapping[str, str]
    response_body: str

    @property
    def host(self) -> str:
        """The host asked, in lower case."""
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        """The path as sent."""
        return urlsplit(self.url).path

    @property
    def api_version(self) -> str:
        """The api-version asked for, or ""."""
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(self.url).query)}
        return query.get("api-version", "")

    def __str__(self) -> str:
        """What to show of it in one line."""
        return f"{self.method} {self.url} -> {self.status}"


def recorded(file: Path) -> Iterator[Exchange]:
    """The exchanges of a recording, in order. Raises: OSError, and ValueError naming the line that is none."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield of(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{file}, line {number}: no exchange: {error!r}") from error


def of(row: Mapping[str, Any]) -> Exchange:
    """The exchange of one object of a recording. Raises: KeyError for what is missing."""
    return Exchange(
        method=row["method"],
        url=row["url"],
        status=int(row["status"]),
        request_headers={name.lower(): value for name, value in row["request_headers"].items()},
        response_headers={name.lower(): value for name, value in row["response_headers"].items()},
        response_body=row["response_body"],
    )
