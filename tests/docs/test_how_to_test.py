"""The page on testing with the embedded Azure does what it says: each block of code is run as it stands there."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local_azure import pytest_plugin
from local_azure.wire.log import Entry

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs/how-to/test-with-the-embedded-azure.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
FILES = {name[1]: code for _, code in BLOCKS if (name := re.match(r"# (\w+\.py)\n", code))}
"""What is to be put into a file, by the name in its first line."""

SCRIPTS = [code for language, code in BLOCKS if language == "python" and code not in FILES.values()]
SHELL = "".join(code for language, code in BLOCKS if language == "sh")
SECONDS = 100


@pytest.fixture
def reader(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The folder of somebody who has copied the files of the page."""
    for name, code in FILES.items():
        (pytester.path / name).write_text(code, encoding="utf-8")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    return pytester


def run(*command: str) -> str:
    """What a command of the page prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_block_is_run() -> None:
    """There is none that the tests below leave out."""
    assert {language for language, _ in BLOCKS} == {"python", "sh"}
    assert len(FILES) + len(SCRIPTS) == len([code for language, code in BLOCKS if language == "python"])


def test_the_tests_of_the_page_pass(reader: pytest.Pytester) -> None:
    """All of them, in one run, and the recording is there."""
    done = reader.runpytest_subprocess(timeout=SECONDS)
    done.assert_outcomes(passed=len(re.findall("^def test_", PAGE, re.MULTILINE)) + 1)  # one has two parameters
    exchanges = (reader.path / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()
    assert any("resourceGroups/render-tests" in json.loads(line)["url"] for line in exchanges)


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_script_of_the_page_runs(reader: pytest.Pytester, script: str) -> None:
    """It prints the vault's address and how many requests there were."""
    address, requests = run(sys.executable, "-c", script).splitlines()
    assert address == "https://kv-script.vault.azure.net/"
    assert re.fullmatch(r"[1-9]\d* requests", requests)


def test_the_commands_of_the_page_work(reader: pytest.Pytester) -> None:
    """In one shell, from top to bottom: the fault struck once, the clock is ahead, the vault was written."""
    printed = run("sh", "-euc", SHELL)
    assert re.search(r"^f1 +throttled .*struck 0 of 0$", printed, re.MULTILINE)
    assert "90.00 days ahead" in printed
    writes = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert [(write["status"], write["fault"]) for write in writes if write["method"] == "PUT"] == [
        (429, "f1"),
        (200, ""),
    ]
    assert not (reader.path / "ready.json").exists(), "it has ended"
    assert (reader.path / "traffic.jsonl").exists()


def test_the_page_names_each_fixture_and_each_field_of_the_log() -> None:
    """And no other."""
    fixtures = {
        name for name, value in vars(pytest_plugin).items() if isinstance(value, type(pytest_plugin.local_azure))
    }
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == fixtures | {field.name for field in dataclasses.fields(Entry)} | {"writes"}
