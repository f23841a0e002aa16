"""The example requests of the descriptions (`x-ms-examples`), and what their answers look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from tools.conformance.checks import Conformance
from tools.conformance.documents import Documents
from tools.conformance.operations import Described

_CLIENTS_OWN = frozenset({"client-request-id", "ocp-date", "timeout"})
_COMMON = _CLIENTS_OWN | {"api-version", "return-client-request-id"}


@dataclass(frozen=True, eq=False)
class Example:
    """One example: *name* is its file's; *parameters* and *responses* are as in the file."""

    name: str
    operation: Described
    parameters: Mapping[str, Any]
    responses: Mapping[str, Mapping[str, Any]]

    def __str__(self) -> str:
        """The service and the name, which together are unique."""
        return f"{self.operation.service}/{self.name}"

    @property
    def body_name(self) -> str:
        """The name of the parameter that is the body, "" where there is none."""
        return next((str(each.value["name"]) for each in self.operation.parameters if each.value["in"] == "body"), "")

    def parameter_names(self, *places: str) -> frozenset[str]:
        """The described parameters that go to one of *places*, without those that every operation has."""
        names = (str(each.value["name"]) for each in self.operation.parameters if each.value["in"] in places)
        return frozenset(names) - _COMMON

    def asked(self, place: str, values: Mapping[str, Any]) -> dict[str, str]:
        """Those of *values* that go to *place*: "path", "query" or "header"."""
        names = [str(each.value["name"]) for each in self.operation.parameters if each.value["in"] == place]
        return {name: _text(values[name]) for name in names if name in values and name not in _CLIENTS_OWN}

    def path(self, values: Mapping[str, Any]) -> str:
        """The path that *values* make of the operation's template."""
        path = self.operation.path.partition("?")[0]
        for each in self.operation.parameters:
            name = str(each.value["name"])
            if each.value["in"] == "path":
                safe = "/" if each.value.get("x-ms-skip-url-encoding") else ""
                path = path.replace(f"{{{name}}}", quote(str(values[name]), safe=safe).strip("/"))
        return path


def examples(conformance: Conformance) -> Iterator[Example]:
    """All examples there are."""
    for operation in conformance.operations.all:
        yield from _examples_of(conformance.documents, operation)


def _examples_of(documents: Documents, operation: Described) -> Iterator[Example]:
    for reference in operation.node.value.get("x-ms-examples", {}).values():
        content = documents.follow(operation.node.part(reference)).value
        yield Example(PurePath(reference["$ref"]).stem, operation, content["parameters"], content["responses"])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
