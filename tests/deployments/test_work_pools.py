"""The work pools that deploying needs."""

from __future__ import annotations

from pathlib import Path

from deployments.documents import read_document
from deployments.work_pools import work_pools


def test_each_pool_is_named_once(project: Path) -> None:
    """One for each sign-in."""
    names = work_pools(read_document(project / "prefect.yaml"))
    assert names == ["batchcert-local", "batchcert-public", "batchcert-usgov"]
