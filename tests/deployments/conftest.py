"""A project to check: a copy of the real prefect.yaml and regions, with flows that do nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOWS = {
    "provision": "target: Target, identity: IdentitySpec, vault: VaultSpec, "
    "certificates: list[CertificateSpec], pool: PoolSpec, validation: ValidationSpec",
    "validate": "target: Target, pool: str, validation: ValidationSpec, repair: RepairSpec",
    "rotate": "target: Target, pool: str, drill: DrillSpec, validation: ValidationSpec",
    "change": "target: Target, identity: IdentitySpec, vault: VaultSpec, certificates: list[CertificateSpec], "
    "pool: PoolSpec, validation: ValidationSpec, change: ChangeSpec, approve: bool",
    "teardown": "target: Target, identity: IdentitySpec, vault: VaultSpec, "
    "certificates: list[str], pool: str, confirm: str",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what `batchcert check` reads."""
    shutil.copy(ROOT / "prefect.yaml", tmp_path)
    shutil.copytree(ROOT / "deployments/regions", tmp_path / "deployments/regions")
    (tmp_path / "flows").mkdir()
    for name, parameters in FLOWS.items():
        (tmp_path / f"flows/{name}.py").write_text(f"@flow\ndef {name}({parameters}) -> None: ...\n")
    return tmp_path


@pytest.fixture
def change(project: Path) -> Callable[[str, str, str], int]:
    """Replace a text in a file of the project, which must be there; gives the line of the change."""

    def _change(file: str, old: str, new: str) -> int:
        path = project / file
        before, found, after = path.read_text().partition(old)
        assert found, f"{file} has no {old!r}"
        path.write_text(before + new + after)
        return before.count("\n") + 1

    return _change
