"""`python -m tools.conformance.coverage`: write docs/coverage.md, or with --check say whether it is up to date.

The page is made from the embedded Azure's tables of operations and Microsoft's API descriptions, which are looked for
in the folder --specs, or $AZURE_SPECS_DIR. Ends with 0, with 1 where --check finds another page, with 2 where there are
no descriptions.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_azure.cloud import Cloud
from local_azure.settings import Settings
from local_azure.wire.router import Operation, Routes
from tools.conformance.documents import Documents
from tools.conformance.operations import Described, Operations, version_key
from tools.conformance.served import Served

PAGE = Path(__file__).parents[2] / "docs/coverage.md"
_VARIABLE = "AZURE_SPECS_DIR"
_TITLES = {
    "authorization/resource-manager": "Microsoft.Authorization",
    "batch/data-plane": "Batch, at an account's host",
    "batch/resource-manager": "Microsoft.Batch",
    "keyvault/data-plane": "Key Vault, at a vault's host",
    "keyvault/resource-manager": "Microsoft.KeyVault",
    "msi/resource-manager": "Microsoft.ManagedIdentity",
}
_INTRODUCTION = """\
# What the embedded Azure serves

Made by `python -m tools.conformance.coverage` from the tables of operations in `local_azure/services` and Microsoft's
API descriptions. Each answer to an operation below keeps to its description: `python -m tools.conformance RECORDING`
judges the traffic of `local-azure serve --record RECORDING`. An operation that is not served is refused as Azure
refuses an address that it does not know; so is an api-version. `{subscription}` and `{group}` stand for the whole path
of a subscription and of a resource group.
"""


@dataclass(frozen=True)
class Row:
    """One described operation: *served* is "yes", "partly" or "no", *lacks* what is missing of one served partly."""

    described: Described
    served: str
    lacks: str
    versions: frozenset[str]


def tables() -> list[Routes[Any]]:
    """The embedded Azure's tables of operations."""
    with tempfile.TemporaryDirectory() as folder:
        return Cloud(Settings(), Path(folder)).router.tables()


def page(operations: Operations) -> str:
    """The whole page."""
    served = Served(tables(), operations.all)
    rows = [_row(served, described) for described in operations.all]
    services = sorted({row.described.service for row in rows}, key=lambda service: _TITLES.get(service, service))
    chapters = [_chapter(service, [row for row in rows if row.described.service == service]) for service in services]
    return "\n".join([_INTRODUCTION, _summary(services, rows), *chapters, _beyond(served.tables, operations)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.conformance.coverage")
    parser.add_argument("--specs", type=Path, default=os.environ.get(_VARIABLE), help=f"default: ${_VARIABLE}")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is not up to date")
    given = parser.parse_args(arguments)
    if given.specs is None or not given.specs.is_dir():
        parser.error(f"no folder of API descriptions: give --specs or set {_VARIABLE}")
    made = page(Operations(Documents(given.specs / "rest-api-specs")))
    if not given.check:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made else 1


def _row(served: Served, described: Described) -> Row:
    found = served.find(described)
    if found is None:
        return Row(described, "no", "", frozenset())
    table, operation = found
    lacks = "; ".join(_lacking(table, operation, described))
    return Row(described, "partly" if lacks else "yes", lacks, table.api_versions)


def _lacking(table: Routes[Any], operation: Operation[Any], described: Described) -> Iterator[str]:
    if operation.lacks:
        yield operation.lacks
    names = {str(each.value["name"]) for each in described.parameters if each.value["in"] in {"query", "header"}}
    if ignored := sorted(names & table.ignores):
        yield f"ignores {', '.join(ignored)}"


def _summary(services: Iterable[str], rows: Sequence[Row]) -> str:
    lines = ["| Service | Described | Served | Partly | Not served |", "| --- | ---: | ---: | ---: | ---: |"]
    for service in services:
        own = [row.served for row in rows if row.described.service == service]
        lines.append(
            _line(_TITLES.get(service, service), len(own), *(own.count(each) for each in ("yes", "partly", "no")))
        )
    everything = [row.served for row in rows]
    lines.append(_line("All", len(rows), *(everything.count(each) for each in ("yes", "partly", "no"))))
    return "\n".join([*lines, ""])


def _chapter(service: str, rows: Sequence[Row]) -> str:
    described = ", ".join(sorted({row.described.version for row in rows}, key=version_key))
    spoken = sorted(frozenset().union(*(row.versions for row in rows)), key=version_key)
    lines = [
        f"## {_TITLES.get(service, service)}",
        "",
        f"As described in {described}. Speaks {', '.join(spoken) or 'no version'}.",
        "",
        "| Operation | Request | Served |",
        "| --- | --- | --- |",
    ]
    for row in rows:
        request = f"`{row.described.method} {_short(row.described.path)}`"
        lines.append(_line(row.described.name, request, f"partly: {row.lacks}" if row.lacks else row.served))
    return "\n".join([*lines, ""])


def _short(path: str) -> str:
    path = re.sub(r"(?i)^/subscriptions/\{subscriptionId\}/resourceGroups/\{resourceGroupName\}", "{group}", path)
    return path.replace("/subscriptions/{subscriptionId}", "{subscription}").partition("?")[0]


def _beyond(known: Sequence[Routes[Any]], operations: Operations) -> str:
    """What is served that no description here has: by the service's name, since it has no other."""
    described = {each.name for each in operations.all}
    lines = ["## Beyond these descriptions", "", "| Service | Operations | Versions |", "| --- | --- | --- |"]
    for table in known:
        names = sorted({operation.name for operation in table.operations} - described)
        versions = ", ".join(sorted(table.api_versions, key=version_key))
        if names:
            lines.append(_line(table.service, ", ".join(names), versions))
    return "\n".join([*lines, ""])


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
