"""From an address to the described operation."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tools.conformance.documents import Documents
from tools.conformance.operations import Operations, plane_of, version_key

from .conftest import DATA, write

HOST = "account.region.batch.azure.com"


def test_an_operation_is_known_by_method_host_and_path(specs: Path) -> None:
    """Case and encoding of a path do not matter; another method, host or path is another operation, or none."""
    at = Operations(Documents(specs / "rest-api-specs")).at
    found = at("GET", HOST, "/POOLS/my%20pool", "2024-02-01.19.0")
    assert found is not None
    assert (found.name, found.service, found.version) == ("Pool_Get", "batch/data-plane", "2024-02-01.19.0")
    assert getattr(at("HEAD", HOST, "/pools/p", ""), "name", "") == "Pool_Exists"
    assert at("PUT", HOST, "/pools/p", "") is None
    assert at("GET", "management.azure.com", "/pools/p", "") is None
    assert at("GET", HOST, "/pools/p/nodes", "") is None


def test_a_file_may_lie_in_folders(specs: Path) -> None:
    """The path of a node's file holds slashes, encoded or not."""
    at = Operations(Documents(specs / "rest-api-specs")).at
    for path in ("startup%2Fstdout.txt", "startup/stdout.txt"):
        assert getattr(at("GET", HOST, f"/pools/p/files/{path}", ""), "name", "") == "File_Get"


def test_the_nearest_version_is_taken(specs: Path) -> None:
    """The version itself, or the last before it, or the first after it."""
    newer = copy.deepcopy(DATA)
    newer["info"]["version"] = "2024-07-01.20.0"  # type: ignore[index]
    operations = Operations(Documents(write(specs, newer) / "rest-api-specs"))
    asked = ["2023-05-01.17.0", "2024-02-01.19.0", "2024-05-01.1.0", "2024-07-01.20.0", "2025-06-01"]
    found = [operations.at("GET", HOST, "/pools/p", version) for version in asked]
    assert [each.version for each in found if each] == [
        "2024-02-01.19.0",
        "2024-02-01.19.0",
        "2024-02-01.19.0",
        "2024-07-01.20.0",
        "2024-07-01.20.0",
    ]


def test_versions_have_an_order() -> None:
    """Key Vault's numbers come before its dates."""
    versions = ["2025-06-01", "2024-07-01.20.0", "2024-02-01.19.0", "7.10", "7.5"]
    assert sorted(versions, key=version_key) == versions[::-1]


@pytest.mark.parametrize(
    ("host", "plane"),
    [
        ("management.azure.com", "management.azure.com"),
        ("management.usgovcloudapi.net", "management.azure.com"),
        ("kv-one.vault.azure.net", "{vaultBaseUrl}"),
        ("kv-one.vault.azure.cn", "{vaultBaseUrl}"),
        ("account.westus2.batch.azure.com", "{batchUrl}"),
        ("login.microsoftonline.com", ""),
    ],
)
def test_each_cloud_has_the_same_planes(host: str, plane: str) -> None:
    """One description serves all clouds."""
    assert plane_of(host) == plane
