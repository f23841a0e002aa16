"""Hosts and paths with parameters: "{vault}.vault.azure.net", "/secrets/{name}", "/files/{file:path}"."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

_LITERAL, _PARAMETER, _REST = range(3)

Rank = tuple[int, ...]


@dataclass(frozen=True)
class Segment:
    """One segment of a path as it was asked for: decoded, and besides in lower case."""

    text: str
    lower: str


def segments_of(path: str) -> list[Segment]:
    """The segments of a request's path; empty ones do not count."""
    found = [unquote(segment) for segment in path.split("/") if segment]
    return [Segment(text, text.lower()) for text in found]


@dataclass(frozen=True)
class Template:
    """A path with parameters; the last one, `{name:path}`, may take the rest of a path."""

    parts: tuple[tuple[int, str], ...]

    @property
    def open_ended(self) -> bool:
        """Whether it takes the rest of a path."""
        return bool(self.parts) and self.parts[-1][0] == _REST

    def match(self, segments: Sequence[Segment]) -> tuple[Rank, dict[str, str]] | None:
        """Rank (0 for a literal, 1 for a parameter, 2 for the rest of a path) and parameters, or None.

        The lowest rank is the best match. Azure compares literal segments without case.
        """
        if len(segments) < len(self.parts) or (len(segments) > len(self.parts) and not self.open_ended):
            return None
        params: dict[str, str] = {}
        for index, (kind, name) in enumerate(self.parts):
            if kind == _LITERAL:
                if name != segments[index].lower:
                    return None
            elif kind == _PARAMETER:
                params[name] = segments[index].text
            else:
                params[name] = "/".join(segment.text for segment in segments[index:])
        return tuple(kind for kind, _ in self.parts), params


@functools.cache
def template_of(text: str) -> Template:
    """The template that *text* is."""
    return Template(tuple(_part(segment) for segment in text.split("/") if segment))


def match_host(pattern: str, host: str) -> dict[str, str] | None:
    """The parameters of *host*, where *pattern*, whose first label may be one, matches; else None."""
    if not pattern.startswith("{"):
        return {} if pattern == host else None
    name, _, suffix = pattern[1:].partition("}")
    if host.endswith(suffix) and len(host) > len(suffix):
        return {name: host[: -len(suffix)]}
    return None


def _part(segment: str) -> tuple[int, str]:
    if segment.endswith(":path}"):
        return _REST, segment[1:-6]
    if segment.startswith("{"):
        return _PARAMETER, segment[1:-1]
    return _LITERAL, segment.lower()
