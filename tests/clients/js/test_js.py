"""Microsoft's JavaScript SDKs, by Node's own test runner: one test here for each of its files."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOM = HERE.parents[2] / ".tools/clients/js"
FILES = sorted(file.name for file in HERE.glob("*.test.mjs"))
_SECONDS = 300
_COUNT = re.compile(r"^# (pass|fail) (\d+)$", re.MULTILINE)

pytestmark = [
    pytest.mark.timeout(_SECONDS + 60),
    pytest.mark.skipif(not shutil.which("node"), reason="without Node.js here"),
    pytest.mark.skipif(
        not (ROOM / "node_modules").exists(), reason=f"without {ROOM}: `make clients` installs the JavaScript SDKs"
    ),
]


@pytest.fixture(scope="session")
def azure(serve: Any) -> Iterator[Any]:
    """The suite's embedded Azure."""
    with serve("js") as running:
        yield running


@pytest.fixture(scope="session")
def room() -> Path:
    """The folder with the packages, where Node looks for them, and with this suite's files as they are now."""
    for file in HERE.glob("*.mjs"):
        shutil.copy(file, ROOM)
    return ROOM


@pytest.mark.parametrize("name", FILES)
def test_file(azure: Any, room: Path, name: str) -> None:
    """Every test of the file passes, and there are some."""
    environ = azure.environ(NODE_EXTRA_CA_CERTS=azure.env["REQUESTS_CA_BUNDLE"])
    done = subprocess.run(
        [str(shutil.which("node")), "--test", "--test-reporter=tap", name],
        cwd=room,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    counts = {word: int(number) for word, number in _COUNT.findall(done.stdout)}
    assert counts.get("fail") == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert counts["pass"] > 0


def test_the_recipe_of_the_how_to(azure: Any, room: Path, recipe: Any) -> None:
    """As it stands there: the shell's part, then the module's."""
    (room / "recipe.mjs").write_text(recipe("JavaScript SDKs", "js"))
    script = f"{recipe('JavaScript SDKs', 'sh')}\nexec node recipe.mjs"
    done = subprocess.run(
        ["/bin/sh", "-euc", script],
        cwd=room,
        env=azure.environ(),
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert azure.env["AZURE_BATCH_ACCOUNT"] in done.stdout
