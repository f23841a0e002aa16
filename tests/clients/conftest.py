"""The embedded Azure as a process of its own, for clients that know nothing of it but its environment.

This folder is collected by two kinds of pytest: the project's, and that of a client's own environment below
.tools/clients/, which has none of the project's packages. So nothing here imports any of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLIENTS = ROOT / ".tools/clients"
_STOP_SECONDS = 20
sys.path.insert(0, str(HERE))  # for what a suite's modules share, in either pytest
_CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class Azure:
    """A running embedded Azure: *env* is what `local-azure env` prints."""

    env: dict[str, str]
    ready_file: Path

    @property
    def group(self) -> str:
        """The resource group that is there from the start."""
        return self.env["AZURE_RESOURCE_GROUP"]

    @property
    def subscription(self) -> str:
        """The subscription's id."""
        return self.env["AZURE_SUBSCRIPTION_ID"]

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a client: this process's own, less what points elsewhere, with the embedded Azure's."""
        own = {
            name: value
            for name, value in os.environ.items()
            if name not in _CA_VARIABLES and not name.lower().endswith("_proxy") and not name.startswith("AZURE_")
        }
        return {**own, **self.env, **more}

    def command(self, *arguments: str) -> str:
        """What `local-azure` prints for these arguments."""
        found = {"LOCAL_AZURE_READY_FILE": str(self.ready_file)}
        command = [local_azure(), *arguments]
        done = subprocess.run(command, env=os.environ | found, check=True, capture_output=True, text=True, timeout=600)
        return done.stdout

    def advance(self, span: timedelta) -> None:
        """Move the clock; all that falls due on the way has happened then."""
        self.command("clock", "advance", f"{span.total_seconds():.3f}s")

    @contextmanager
    def fault(self, effect: str, **options: str) -> Iterator[None]:
        """Let something go wrong in this block."""
        self.command(
            "faults", "add", effect, *(word for name, value in options.items() for word in (f"--{name}", value))
        )
        try:
            yield
        finally:
            self.command("faults", "clear")


def local_azure() -> str:
    """The project's own command, wherever this pytest comes from."""
    beside = Path(sys.executable).parent / "local-azure"
    return str(beside if beside.exists() else ROOT / ".venv/bin/local-azure")


@contextmanager
def _served(suite: str, folder: Path) -> Iterator[Azure]:
    ready_file = folder / "ready.json"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # of several, each has an Azure of its own
    record = CLIENTS / "traffic" / f"{suite}{worker}.jsonl"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    command = [
        local_azure(),
        "serve",
        "--ready-file",
        str(ready_file),
        "--record",
        str(record),
        "--node-seconds",
        "0.1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("local-azure: ready"), "the embedded Azure did not start"
            yield Azure(json.loads(ready_file.read_text())["env"], ready_file)
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], AbstractContextManager[Azure]]:
    """An embedded Azure for a suite; its traffic is recorded in .tools/clients/traffic/."""
    return lambda suite: _served(suite, tmp_path_factory.mktemp(suite))


@pytest.fixture(scope="session")
def recipe() -> Callable[[str, str], str]:
    """The block of code in a language that stands below a heading of the how-to."""
    page = (ROOT / "docs/how-to/use-the-embedded-azure.md").read_text(encoding="utf-8")

    def find(heading: str, language: str) -> str:
        section = page.partition(f"### {heading}\n")[2].partition("\n#")[0]
        block = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
        assert block, f"no {language} below {heading}"
        return block[1]

    return find
