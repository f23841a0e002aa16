"""The automations are what Prefect takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

AUTOMATIONS = sorted(Path("deployments/automations").glob("*.yaml"))


@pytest.mark.parametrize("file", AUTOMATIONS, ids=lambda file: file.stem)
def test_prefect_takes_it(file: Path) -> None:
    """Its own model reads the file, and every field of the file is one it knows."""
    from prefect.events import AutomationCore

    written = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    read = AutomationCore.model_validate(written).model_dump(mode="json")
    assert set(written) <= set(read)
    assert set(written["trigger"]) <= set(read["trigger"])
    assert set(written["actions"][0]) <= set(read["actions"][0])


def test_there_is_one_for_lost_runs() -> None:
    """A run that lost its process is not waited for."""
    assert "lost-runs" in {file.stem for file in AUTOMATIONS}
