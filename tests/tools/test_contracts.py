"""The import contracts look at every package, and can be broken."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
BREACHES = [
    ("batchcert/arm_ids.py", "import prefect", "The domain knows"),
    ("batchcert/arm_ids.py", "import paramiko", "The domain knows"),
    ("batchcert/arm_ids.py", "import azure.batch", "The domain knows"),
    ("batchcert/arm_ids.py", "import tasks", "Arrows go one way"),
    ("tasks/ssh/__init__.py", "import prefect", "What speaks to Azure"),
    ("tasks/azure_api/__init__.py", "import prefect", "What speaks to Azure"),
    ("tasks/__init__.py", "import local_azure.clock", "over the wire alone"),
    ("deployments/regions.py", "import prefect", "The build step stands"),
    ("deployments/regions.py", "import tasks", "The build step stands"),
    ("local_azure/clock.py", "import batchcert.clouds", "knows nothing of the product"),
    ("local_azure/clock.py", "import local_azure.wire.log", "meet in the cloud alone"),
    ("local_azure/nodes/__init__.py", "import local_azure.services.arm", "meet in the cloud alone"),
    ("local_azure/services/__init__.py", "import local_azure.nodes", "meet in the cloud alone"),
    ("demo/ports.py", "import batchcert.clouds", "by its commands"),
]


def packages() -> set[str]:
    """The project's own packages: the folders with an `__init__.py`."""
    return {folder.parent.name for folder in ROOT.glob("*/__init__.py")}


def test_every_package_has_its_place() -> None:
    """A new top-level package must be named in .importlinter."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    assert set(config["importlinter"]["root_packages"].split()) == packages()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / ".importlinter", folder)
    for package in packages():
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LINT_IMPORTS), "--no-logo"]
    environ = {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    """Arrows go one way today."""
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES, ids=[f"{each[0]}: {each[1]}" for each in BREACHES])
def test_a_breach_is_found(copy: Path, file: str, line: str, contract: str) -> None:
    """One forbidden import, and the contract that forbids it is broken."""
    path = copy / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before)
    assert done.returncode == 1
    broken = [each for each in done.stdout.splitlines() if each.endswith("BROKEN")]
    assert any(contract in each for each in broken), done.stdout


def test_a_new_module_of_the_embedded_azure_takes_its_place(copy: Path) -> None:
    """The contract within it is exhaustive."""
    new = copy / "local_azure/newcomer.py"
    new.write_text("")
    try:
        done = lint(copy)
    finally:
        new.unlink()
    assert done.returncode == 1
    assert "newcomer" in done.stdout
