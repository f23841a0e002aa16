"""Every example request of Microsoft's descriptions, for an operation that is served, is answered as it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.conftest import VARIABLE, specs_folder
from tests.conformance.examples import Example, examples
from tests.conformance.excuses import LACKING, REFUSED
from tests.conformance.playing import play
from tests.conformance.speaker import Speaker
from tools.conformance.checks import Conformance
from tools.conformance.coverage import tables
from tools.conformance.served import Served


def _served_examples() -> Iterator[tuple[Example, frozenset[str]]]:
    """The examples, each with the parameters that its operation is said to ignore."""
    folder = specs_folder()
    if folder is None:
        return
    conformance = Conformance(folder)
    served = Served(tables(), conformance.operations.all)
    for example in examples(conformance):
        if found := served.find(example.operation):
            yield example, example.parameter_names("query", "header") & found[0].ignores


EXAMPLES = dict(_served_examples())
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
@pytest.mark.parametrize("example", [each for each in EXAMPLES if str(each) not in REFUSED], ids=str)
def test_no_parameter_is_ignored_in_silence(
    speaker: Speaker, conformance: Conformance, noted: set[str], example: Example
) -> None:
    """What is described and not looked at is what the table of the service says."""
    described = example.parameter_names("query", "header")
    play(speaker, example, conformance, before=noted.clear)
    assert {name for name in described if name.lower() not in noted} == EXAMPLES[example]


@WITHOUT
def test_every_excuse_is_for_an_example() -> None:
    """None is left over from an example that is gone."""
    assert {*REFUSED, *LACKING} <= {str(example) for example in EXAMPLES}
