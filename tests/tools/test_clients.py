"""The script that installs clients, and what it installs."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests/clients"


def test_the_python_sdks_are_those_that_the_product_uses() -> None:
    """Each SDK of the lock file is pinned at the same version, so that what the suite proves holds for both."""
    locked = {one["name"]: one["version"] for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    pinned = dict(
        re.findall(r"^(azure-[\w-]+)==(\S+)", (CLIENTS / "python/requirements.txt").read_text(), re.MULTILINE)
    )
    shared = locked.keys() & pinned.keys()
    assert {"azure-batch", "azure-identity", "azure-mgmt-batch", "azure-mgmt-keyvault"} <= shared
    assert {name: pinned[name] for name in shared} == {name: locked[name] for name in shared}


def test_the_lock_of_the_javascript_sdks_names_no_registry() -> None:
    """Each package by name, version and digest: where it comes from is whoever installs it to say."""
    packages = json.loads((CLIENTS / "js/package-lock.json").read_text())["packages"]
    packages.pop("")
    assert all("integrity" in one and "resolved" not in one for one in packages.values())


def test_an_unknown_client_is_named() -> None:
    """Before anything is run."""
    command = ["/bin/sh", str(ROOT / "tools/clients.sh"), "--install-only", "perl"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, "clients: no client is called perl\n")
