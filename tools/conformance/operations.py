"""The operations that the descriptions have, and which of them an address asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tools.conformance.documents import Documents, Node

MANAGER = "management.azure.com"
VAULT = "{vaultBaseUrl}"
BATCH = "{batchUrl}"
_METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options"})
_HOSTS = {
    MANAGER: re.compile(r"management\.[a-z.]+"),
    VAULT: re.compile(r"[a-z0-9-]+\.vault\.[a-z.]+"),
    BATCH: re.compile(r"[a-z0-9-]+\.[a-z0-9-]+\.batch\.[a-z.]+"),
}


@dataclass(frozen=True)
class Described:
    """One operation of one version of a service.

    Attributes:
        service: as in the folders of the descriptions: "keyvault/data-plane".
        host: the host it is asked at, a parameter in braces: "{batchUrl}".
        path: the whole template, `{names}` in it.
        name: its operationId.
        node: the operation itself, with `responses` and `x-ms-examples`.
        parameters: those of the operation and of its path, references followed.
    """

    service: str
    version: str
    host: str
    method: str
    path: str
    name: str
    node: Node
    parameters: tuple[Node, ...]

    def response(self, status: int) -> Node | None:
        """What is said of *status*; of a failure that is not named, what is said of all others."""
        said: Mapping[str, Any] = self.node.value["responses"]
        found = said.get(str(status), said.get("default") if status >= 400 else None)
        return None if found is None else self.node.part(found)


class Operations:
    """All operations of *documents*."""

    def __init__(self, documents: Documents) -> None:
        self.all = [operation for document in documents.swagger() for operation in _declared(documents, document)]
        self._patterns = [(operation, *_compiled(operation)) for operation in self.all]

    def at(self, method: str, host: str, path: str, version: str) -> Described | None:
        """The operation asked for, of *version* or the nearest one before it, else the nearest after it."""
        path, plane = unquote(path), plane_of(host)
        found = [
            (rank, operation)
            for operation, pattern, rank in self._patterns
            if (operation.method, operation.host) == (method, plane) and pattern.fullmatch(path)
        ]
        best = max((rank for rank, _ in found), default=None)
        return nearest([operation for rank, operation in found if rank == best], version)

    def of_host(self, host: str) -> Described | None:
        """Any operation at *host*: all at one host refuse alike."""
        plane = plane_of(host)
        return next((operation for operation in self.all if operation.host == plane), None)


def plane_of(host: str) -> str:
    """Which of the described kinds of hosts *host* is, "" for none."""
    return next((plane for plane, pattern in _HOSTS.items() if pattern.fullmatch(host)), "")


def nearest(operations: Sequence[Described], version: str) -> Described | None:
    """That of *version*, or of the last before it, else of the first after it."""
    before = [each for each in operations if version_key(each.version) <= version_key(version)]
    if before:
        return max(before, key=lambda each: version_key(each.version))
    return min(operations, key=lambda each: version_key(each.version), default=None)


def version_key(version: str) -> tuple[int, ...]:
    """What orders api-versions: "7.5" before "2024-02-01.19.0" before "2025-06-01"."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _declared(documents: Documents, document: Node) -> Iterator[Described]:
    whole = document.value
    host = whole.get("host") or whole["x-ms-parameterized-host"]["hostTemplate"]
    plane = next(index for index, part in enumerate(document.file.parts) if part in {"resource-manager", "data-plane"})
    service = "/".join(document.file.parts[plane - 1 : plane + 1])
    for path, item in {**whole["paths"], **whole.get("x-ms-paths", {})}.items():
        for method, operation in item.items():
            if method not in _METHODS:
                continue
            given = [*item.get("parameters", ()), *operation.get("parameters", ())]
            parameters = tuple(documents.follow(document.part(each)) for each in given)
            name, version = operation["operationId"], whole["info"]["version"]
            node = document.part(operation)
            yield Described(service, version, host, method.upper(), path, name, node, parameters)


def _compiled(operation: Described) -> tuple[re.Pattern[str], tuple[int, int]]:
    """The pattern of the operation's path, and its rank: the more literal segments, the nearer."""
    wide = {str(each.value["name"]) for each in operation.parameters if _is_wide(each)}
    segments = operation.path.partition("?")[0].strip("/").split("/")
    pattern = "".join(f"/{_segment(segment, wide)}" for segment in segments)
    if segments[-1].endswith("version}"):  # "This URI fragment is optional", says Key Vault
        pattern = re.sub(r"/\[\^/\]\+$", "(/[^/]*)?", pattern)
    if len(segments) == 1 and segments[0].strip("{}") in wide:
        pattern = "(?!)"  # `/{roleAssignmentId}` is every path: the same operations have a template by scope
    literals = sum(not segment.startswith("{") for segment in segments)
    return re.compile(pattern, re.IGNORECASE), (literals, len(segments))


def _segment(segment: str, wide: set[str]) -> str:
    names = re.split(r"(\{[^}]+\})", segment)
    return "".join(
        (".+" if part[1:-1] in wide else "[^/]+") if part.startswith("{") else re.escape(part) for part in names
    )


def _is_wide(parameter: Node) -> bool:
    """Whether a parameter of the path may itself hold slashes; a node's files lie in folders."""
    return bool(parameter.value.get("x-ms-skip-url-encoding")) or parameter.value["name"] == "filePath"
