"""The bootstrap script, on machines that lack something."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE_UV = """\
#!/bin/sh
case "$1" in
--version) echo "uv {version}" ;;
*) env >uv.env; echo "$@" >uv.args ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout, and a folder `bin` that is the whole PATH: a shell's tools alone."""
    for name in ("bootstrap.sh", "fetch_pip.py"):
        (tmp_path / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "mkdir", "rm", "env"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def put(machine: Path, name: str, text: str) -> None:
    tool = machine / "bin" / name
    tool.write_text(text)
    tool.chmod(0o755)


def bootstrap(machine: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(machine / "bin"), "PIP_INDEX_URL": "http://127.0.0.1:9/simple", **environ}
    command = ["/bin/sh", str(machine / "tools/bootstrap.sh")]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def with_python(machine: Path) -> None:
    put(machine, "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')


def test_without_a_python_it_says_so(machine: Path) -> None:
    """One line: what is needed, and how to name one."""
    done = bootstrap(machine)
    assert done.returncode == 1
    assert done.stderr == (
        "bootstrap: no Python 3.11, 3.12 or 3.13 found. Install one, or name it: make PYTHON=/path/to/python\n"
    )


def test_a_python_that_is_too_old_is_passed_over(machine: Path) -> None:
    """The one named by hand is not replaced by another in silence."""
    with_python(machine)
    put(machine, "oldpython", "#!/bin/sh\nexit 1\n")
    done = bootstrap(machine, PYTHON="oldpython")
    assert done.returncode == 1
    assert "found as oldpython" in done.stderr


def test_the_uv_that_is_there_is_used(machine: Path) -> None:
    """With the Python found, the locked versions, compiled; no Python is downloaded, no other environment is used."""
    with_python(machine)
    put(machine, "uv", FAKE_UV.format(version="0.99.1"))
    done = bootstrap(machine, VIRTUAL_ENV="/elsewhere")
    assert done.returncode == 0, done.stderr
    assert (machine / "uv.args").read_text() == "sync --frozen --quiet --compile-bytecode\n"
    env = dict(line.split("=", 1) for line in (machine / "uv.env").read_text().splitlines() if "=" in line)
    assert (env["UV_PYTHON_DOWNLOADS"], env["UV_PROJECT_ENVIRONMENT"]) == ("never", ".venv")
    assert Path(env["UV_PYTHON"]).exists()
    assert "VIRTUAL_ENV" not in env


@pytest.mark.parametrize("version", ["0.4.30", "garbage"])
def test_an_old_uv_is_not_used(machine: Path, version: str) -> None:
    """It could not read the lock file; a newer one is installed, here from an index that does not answer."""
    with_python(machine)
    put(machine, "uv", FAKE_UV.format(version=version))
    done = bootstrap(machine, PIP_RETRIES="0", PIP_TIMEOUT="1", PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "installing uv" in done.stderr
    assert "uv could not be installed" in done.stderr
    assert not (machine / "uv.args").exists()


def test_our_own_uv_is_kept(machine: Path) -> None:
    """What an earlier call has installed into .tools/ is used again."""
    with_python(machine)
    own = machine / ".tools/uv/bin/uv"
    own.parent.mkdir(parents=True)
    own.write_text(FAKE_UV.format(version="0.13.9"))
    own.chmod(0o755)
    done = bootstrap(machine)
    assert done.returncode == 0, done.stderr
    assert (machine / "uv.args").exists()
