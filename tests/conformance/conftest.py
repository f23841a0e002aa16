"""Microsoft's descriptions, where they are at hand, and an embedded Azure to hold to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tests.conformance.speaker import Speaker
from tools.conformance.checks import Conformance

VARIABLE = "AZURE_SPECS_DIR"


def specs_folder() -> Path | None:
    """Where the descriptions are, None where nobody said so or nothing is there."""
    folder = os.environ.get(VARIABLE, "")
    return Path(folder) if folder and Path(folder).is_dir() else None


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """Microsoft's descriptions, ready to judge by."""
    folder = specs_folder()
    if folder is None:
        pytest.skip(f"{VARIABLE} names no folder with Microsoft's API descriptions")
    return Conformance(folder)


@pytest.fixture(scope="session")
def playground() -> Iterator[LocalAzure]:
    """An embedded Azure for all examples, whose pools take long enough to grow to be met growing."""
    with LocalAzure(Settings(node_seconds=1)) as azure:
        yield azure


@pytest.fixture(scope="session")
def speaker(playground: LocalAzure) -> Iterator[Speaker]:
    """Its operator."""
    with Speaker(playground) as operator:
        yield operator
