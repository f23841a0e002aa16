"""Microsoft's descriptions, where they are at hand, and an embedded Azure to hold to them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tests.conformance.speaker import Speaker
from tools.conformance.checks import Conformance

VARIABLE = "AZURE_SPECS_DIR"


class Noting(Mapping[str, str]):
    """A mapping that notes in *noted* what is read of it by name."""

    def __init__(self, content: Mapping[str, str], noted: set[str]) -> None:
        self._content = content
        self._noted = noted

    def __getitem__(self, name: str) -> str:
        """What *name* stands for, and a note of it."""
        self._noted.add(name)
        return self._content[name]

    def __iter__(self) -> Iterator[str]:
        """The names, without a note."""
        return iter(self._content)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._content)


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
def noted() -> set[str]:
    """The query parameters and headers that anybody has read of a request; whoever wants to know empties it first."""
    return set()


@pytest.fixture(scope="session")
def playground(noted: set[str]) -> Iterator[LocalAzure]:
    """An embedded Azure for all examples, whose pools take long enough to grow to be met growing."""
    with LocalAzure(Settings(node_seconds=1)) as azure:
        router = azure.cloud.router
        answer = router.answer
        router.answer = lambda request: answer(  # type: ignore[method-assign]
            replace(request, query=Noting(request.query, noted), headers=Noting(request.headers, noted))
        )
        yield azure


@pytest.fixture(scope="session")
def speaker(playground: LocalAzure) -> Iterator[Speaker]:
    """Its operator."""
    with Speaker(playground) as operator:
        yield operator
