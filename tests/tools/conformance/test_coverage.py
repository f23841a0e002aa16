"""The page on coverage, made from tables and descriptions."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from local_azure.services.entra.routes import routes as other_routes
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes
from tools.conformance import coverage
from tools.conformance.documents import Documents
from tools.conformance.operations import Operations

from .conftest import DATA, write


def answer(service: None, request: Request) -> Reply:
    return Reply(200)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Routes[None]:
    """A table that the page is made from, beside one that nothing describes."""
    routes: Routes[None] = Routes(
        service="batch-data",
        hosts=("{account}.region.batch.azure.com",),
        render=lambda error, _request: Reply(error.status),
        not_found=lambda request: AzureError(404, "NotFound", request.path),
        api_versions=frozenset({"2024-02-01.19.0", "2025-06-01"}),
        ignores=frozenset({"$expand"}),
    )
    monkeypatch.setattr(coverage, "tables", lambda: [routes, other_routes])
    return routes


def made(specs: Path) -> list[str]:
    return coverage.page(Operations(Documents(specs / "rest-api-specs"))).splitlines()


def test_an_operation_is_served_partly_or_not(specs: Path, table: Routes[None]) -> None:
    """What it lacks is said, and all of it is counted."""
    table.get("/pools/{pool}", name="Pool_Get")(answer)
    table.get("/pools/{pool}/files/{file:path}", name="File_Get", lacks="ranges")(answer)
    lines = made(specs)
    assert "| Pool_Get | `GET /pools/{poolId}` | yes |" in lines
    assert "| File_Get | `GET /pools/{poolId}/files/{filePath}` | partly: ranges |" in lines
    assert "| Pool_Delete | `DELETE /pools/{poolId}` | no |" in lines
    assert "| Batch, at an account's host | 4 | 2 | 1 | 1 |" in lines
    assert "As described in 2024-02-01.19.0. Speaks 2024-02-01.19.0, 2025-06-01." in lines


def test_what_a_table_ignores_is_lacking(tmp_path: Path, table: Routes[None]) -> None:
    """In the operations that are described with it, and in no others."""
    document: dict[str, Any] = copy.deepcopy(DATA)
    document["paths"]["/pools/{poolId}"]["get"]["parameters"] = [{"name": "$expand", "in": "query"}]
    table.get("/pools/{pool}", name="Pool_Get", lacks="much")(answer)
    table.delete("/pools/{pool}", name="Pool_Delete")(answer)
    lines = made(write(tmp_path, document))
    assert "| Pool_Get | `GET /pools/{poolId}` | partly: much; ignores $expand |" in lines
    assert "| Pool_Delete | `DELETE /pools/{poolId}` | yes |" in lines


def test_what_nobody_describes_stands_apart(specs: Path, table: Routes[None]) -> None:
    """By the service's own name."""
    table.post("/pools/{pool}/polish", name="Pool_Polish")(answer)
    apart = "\n".join(made(specs)).partition("## Beyond these descriptions")[2]
    assert "| batch-data | Pool_Polish | 2024-02-01.19.0, 2025-06-01 |" in apart
    assert "| entra | " in apart


def test_the_command_writes_and_checks(
    specs: Path, table: Routes[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--check fails before the page is there, passes then, and fails again when a route has changed."""
    monkeypatch.setattr(coverage, "PAGE", tmp_path / "coverage.md")
    arguments = ["--specs", str(specs)]
    assert coverage.main([*arguments, "--check"]) == 1
    assert coverage.main(arguments) == 0
    assert coverage.main([*arguments, "--check"]) == 0
    table.get("/pools/{pool}", name="Pool_Get")(answer)
    assert coverage.main([*arguments, "--check"]) == 1


def test_the_tables_are_those_of_the_embedded_azure() -> None:
    """Every service is among them."""
    services = {table.service for table in coverage.tables()}
    assert {"authorization", "batch", "batch-data", "keyvault-certificates", "keyvault-management", "msi"} <= services
