"""`batchcert check`, as a person or a script runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode

ROOT = Path(__file__).parents[2]
BATCHCERT = Path(sys.executable).with_name("batchcert")


def batchcert_check(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BATCHCERT), "check", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)


PREFECT_YAML = """\
deployments:
  - name: only
    entrypoint: flow.py:run
    work_pool: { name: pool }
    concurrency_limit: 1
    build: [{ deployments.regions.load: { id: region, file: deployments/regions/only.yaml } }]
    parameters: { target: "{{ region.target }}" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One region, one flow, one deployment."""
    (tmp_path / "prefect.yaml").write_text(PREFECT_YAML)
    (tmp_path / "flow.py").write_text("@flow\ndef run(target: Target) -> None: ...\n")
    region = tmp_path / "deployments/regions/only.yaml"
    region.parent.mkdir(parents=True)
    region.write_text((ROOT / "deployments/regions/eastus.yaml").read_text())
    return tmp_path


def test_nothing_wrong_ends_with_0(project: Path) -> None:
    """The last line sums up."""
    done = batchcert_check(folder=project)
    assert done.returncode == ExitCode.FINE
    assert done.stdout.splitlines()[-1] == "1 regions, 1 deployments: nothing wrong"


def test_a_fault_ends_with_1_and_its_place(project: Path) -> None:
    """File, line, field, what and cure, in the form that editors jump to."""
    region = project / "deployments/regions/only.yaml"
    region.write_text(region.read_text().replace("minute: 31", "minute: 99"))
    done = batchcert_check(folder=project)
    assert done.returncode == ExitCode.FINDINGS
    line = region.read_text().splitlines().index("  minute: 99") + 1
    first, cure, *_ = done.stdout.splitlines()
    assert first.startswith(f"deployments/regions/only.yaml:{line}: schedule.minute: ")
    assert cure.startswith("  cure: The minute of the hour.")


def test_json_says_the_same(project: Path) -> None:
    """For programs: the same fields apart."""
    (project / "deployments/regions/only.yaml").write_text("[]\n")
    done = batchcert_check(str(project), "--format", "json", folder=ROOT)
    assert done.returncode == ExitCode.FINDINGS
    faults = json.loads(done.stdout)["faults"]
    assert {"file", "line", "field", "what", "cure"} == set(faults[0])


@pytest.mark.parametrize("arguments", [("absent-folder",), ("--no-such-option",), (".", "too-many")])
def test_a_mistaken_call_ends_with_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Nothing could be looked at; stdout stays empty and stderr says why."""
    done = batchcert_check(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr


def test_prefect_is_not_imported(project: Path) -> None:
    """It takes seconds to import, and a check at each commit must not."""
    program = (
        "import os, sys; from pathlib import Path; from deployments.check import check;"
        "check(Path(sys.argv[1]), os.environ); import cli.check; sys.exit('prefect' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(project)], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 0
