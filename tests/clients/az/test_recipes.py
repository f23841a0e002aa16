"""The recipe of the how-to, as it stands there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def test_the_recipe_makes_a_vault(azure: Any, az: Any, recipe: Any) -> None:
    """In a shell that starts out with nothing of the embedded Azure's but where it is found."""
    environ = {
        "PATH": f"{ROOT / '.tools/clients/az/bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ["HOME"],
        "LOCAL_AZURE_READY_FILE": str(azure.ready_file),
    }
    script = recipe("The az CLI", "sh")
    subprocess.run(["/bin/sh", "-euc", script], cwd=ROOT, env=environ, check=True, capture_output=True, timeout=300)
    assert az("keyvault show --name kv-recipe")["name"] == "kv-recipe"
