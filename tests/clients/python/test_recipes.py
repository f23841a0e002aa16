"""The recipes of the how-to, as they stand there."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.parametrize("heading", ["Python SDKs", "Python SDKs, aio"])
def test_the_recipe_lists_the_account(azure: Any, recipe: Any, heading: str) -> None:
    """In a process of its own, with nothing but the environment."""
    command = [sys.executable, "-c", recipe(heading, "python")]
    done = subprocess.run(command, env=azure.environ(), check=True, capture_output=True, text=True, timeout=100)
    assert azure.env["AZURE_BATCH_ACCOUNT"] in done.stdout
