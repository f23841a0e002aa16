"""Every example request of Microsoft's descriptions, for an operation that is served, is answered as it shows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_azure.cloud import Cloud
from local_azure.settings import Settings
from tests.conformance.conftest import VARIABLE, specs_folder
from tests.conformance.examples import Example, examples
from tests.conformance.excuses import LACKING, REFUSED
from tests.conformance.playing import play
from tests.conformance.speaker import Speaker
from tools.conformance.checks import Conformance
from tools.conformance.served import Served


def _served_examples() -> Iterator[Example]:
    folder = specs_folder()
    if folder is None:
        return
    conformance = Conformance(folder)
    with tempfile.TemporaryDirectory() as made:
        tables = Cloud(Settings(), Path(made)).router.tables()
    served = Served(tables, conformance.operations.all)
    yield from (example for example in examples(conformance) if served.find(example.operation))


EXAMPLES = list(_served_examples())
WITHOUT = pytest.mark.skipif(not EXAMPLES, reason=f"{VARIABLE} names no folder with Microsoft's API descriptions")


@WITHOUT
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_answered_as_it_shows(speaker: Speaker, conformance: Conformance, example: Example) -> None:
    """In status and shape, and by the description; an excused one lacks exactly what its excuse says."""
    played = play(speaker, example, conformance)
    violations = [str(each) for exchange in played.exchanges for each in conformance.violations(exchange)]
    assert violations == []
    if str(example) in REFUSED:
        assert played.code == REFUSED[str(example)][0]
        return
    assert str(played.answer.status) in example.responses, played.answer.response_body
    assert set(played.lacking()) == set(LACKING.get(str(example), ()))


@WITHOUT
def test_every_excuse_is_for_an_example() -> None:
    """None is left over from an example that is gone."""
    assert {*REFUSED, *LACKING} <= {str(example) for example in EXAMPLES}
