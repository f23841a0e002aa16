"""Which of the described operations the embedded Azure serves, by method, host and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from local_azure.wire.router import Operation, Routes
from tools.conformance.operations import Described, plane_of

_GROUP = "/subscriptions/{}/resourceGroups/{}"
_SCOPES = ("/subscriptions/{}", _GROUP, f"{_GROUP}/providers/{{}}/{{}}/{{}}")
_PARAMETER = re.compile(r"\{[^}]*\}")


class Served:
    """What *tables* serve of *described*."""

    def __init__(self, tables: Iterable[Routes[Any]], described: Iterable[Described]) -> None:
        self.tables = list(tables)
        self._described = {(each.service, each.version, each.name): each for each in described}
        self._by_shape = {
            (plane_of(_sample(table.hosts[0])), operation.method, _shape(operation.template)): (table, operation)
            for table in self.tables
            for operation in table.operations
        }

    def find(self, described: Described) -> tuple[Routes[Any], Operation[Any]] | None:
        """The table and the operation that answer *described*, None where nothing does.

        One that takes a whole id (`RoleAssignments_GetById`) is the one that takes it in parts.
        """
        in_parts = described.name.removesuffix("ById")
        described = self._described.get((described.service, described.version, in_parts), described)
        found = (
            self._by_shape.get((described.host, method, shape))
            for shape in _shapes(described)
            for method in ({"HEAD", "GET"} if described.method == "HEAD" else {described.method})
        )
        return next((each for each in found if each), None)


def _sample(host: str) -> str:
    return _PARAMETER.sub("x", host)


def _shape(template: str) -> str:
    return _PARAMETER.sub("{}", template).lower().strip("/")


def _shapes(described: Described) -> Iterator[str]:
    """The shapes of the paths that a template stands for: a scope is a path, a version or a parent may be missing."""
    whole = described.path.partition("?")[0]
    for scope in _SCOPES:
        path = whole.replace("/{scope}", scope)
        yield _shape(path)
        yield _shape(path.replace("/{parentResourcePath}", ""))
    if whole.endswith("version}"):
        yield _shape(whole.rpartition("/")[0])
