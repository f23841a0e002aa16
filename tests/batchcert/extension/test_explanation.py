"""All that is said of a document."""

import json

import pytest

from batchcert.extension.explanation import explain_document
from batchcert.extension.traps import PROCEDURE, Severity


def test_a_published_body_is_not_clean(document):
    """Counts by weight, and what was forgiven."""
    explanation = explain_document(document("2021"))
    assert not explanation.clean
    assert [explanation.count(severity) for severity in Severity] == [2, 4, 3]
    assert [(note.line, note.column) for note in explanation.forgiven] == [(45, 10)]


@pytest.mark.parametrize(
    ("changes", "clean"),
    [
        ({}, True),
        ({"ext/enableAutomaticUpgrade": None}, True),
        ({"properties/vmSize": "STANDARD_DS2_V2"}, False),
        ({"ext/settings": "text"}, False),
    ],
)
def test_what_is_only_worth_knowing_leaves_a_body_clean(body_with, changes, clean):
    """A note asks for no change; a weakness and a break do."""
    assert explain_document(json.dumps(body_with(changes))).clean is clean


def test_all_of_it_can_be_written_as_json(document):
    """Every part is there in plain values, the traps of the procedure with batchcert's answer included."""
    explanation = explain_document(document("2021"))
    written = json.loads(json.dumps(explanation.as_json()))
    assert list(written) == ["forgiven", "findings", "procedure", "to_fill_in", "left_out", "parameters"]
    assert written["forgiven"] == [{"line": 45, "column": 10, "what": "a comma before the closing }"}]
    assert [finding["code"] for finding in written["findings"]] == [found.code for found in explanation.findings]
    assert all(
        {"code", "severity", "field", "what", "cause", "cure"} <= set(finding) for finding in written["findings"]
    )
    assert [trap["code"] for trap in written["procedure"]] == [trap.code for trap in PROCEDURE]
    assert written["parameters"] == explanation.correction.parameters
    assert {"field", "what"} == set(written["to_fill_in"][0])
