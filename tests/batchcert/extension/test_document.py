"""Reading a body as documents publish it."""

import json
from contextlib import suppress

import pytest

from batchcert.extension.document import LONGEST, read_document
from batchcert.extension.lenient_json import DEEPEST, Note
from batchcert.problems import Problem


def read(inside: str) -> object:
    """The value of x in a body that holds *inside*."""
    return read_document('{"properties": {}, "x": ' + inside + "}")[0]["x"]


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("2021", (Note(45, 10, "a comma before the closing }"),)),
        ("2026", ()),
        ("2026-windows", (Note(41, 26, "a comma before the closing }"), Note(51, 10, "a comma before the closing }"))),
    ],
)
def test_the_published_bodies_are_read_and_what_was_forgiven_is_told(document, name, notes):
    """The body of 2021 has a comma behind the last member of properties, at line 45, column 10."""
    body, forgiven = read_document(document(name))
    assert forgiven == notes
    assert body["properties"]["vmSize"] == "STANDARD_DS2_V2"
    assert body["identity"]["type"] == "UserAssigned"


def test_strict_json_is_read_as_it_is_without_a_word(body_with):
    """The reader adds nothing and drops nothing."""
    body = body_with(
        {"body/tags": {"q": '\\"//<not a placeholder>/* nor a comment */', "ü": "\u2028", "n": [1, -2.5e3, None]}}
    )
    assert read_document(json.dumps(body, indent=1)) == (body, ())
    assert read_document(json.dumps(body, ensure_ascii=False)) == (body, ())


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("[1, 2, ]", [1, 2]),
        ('{"a": 1, // why\n }', {"a": 1}),
        ("/* before */ 1 // behind", 1),
        ("[1, /* between */ 2]", [1, 2]),
        ("<subscription id>", "<subscription id>"),
        ("{{ region }}", "{{ region }}"),
        ("${NAME}", "${NAME}"),
        ('"https://kv.vault.azure.net"', "https://kv.vault.azure.net"),
    ],
)
def test_what_is_forgiven(inside, value):
    """Trailing commas, both kinds of comment, and placeholders outside quotes, which are read as text."""
    assert read(f"{inside}\n") == value


def test_a_member_given_twice_is_told_and_the_last_one_counts():
    """The place is the second one's; the same name in another object is another member."""
    body, notes = read_document('{"properties": {"a": 1},\n "x": 1,\n "x": {"a": 2, "properties": 3}}')
    assert body["x"] == {"a": 2, "properties": 3}
    assert notes == (Note(3, 2, 'the member "x" again; the last one counts'),)


def test_notes_stand_in_the_order_of_the_text():
    """Each with the line and column where it begins."""
    _, notes = read_document('\ufeff{ // one\n  "properties": <two>,\n  "x": [1,\n  ],\n}')
    assert [(note.line, note.column) for note in notes] == [(1, 3), (2, 17), (3, 10), (4, 4)]


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("", "line 1, column 1", "a value is missing"),
        ("\n\n", "line 1, column 1", "a value is missing"),
        ('{"properties": }', "line 1, column 16", "a value is missing"),
        ('{"properties": {}\n "x": 1}', "line 2, column 2", "delimiter"),
        ('{"properties" {}}', "line 1, column 15", "delimiter"),
        ('{"properties": {}', "line 1, column 18", "delimiter"),
        ('{"properties": {}} x', "line 1, column 20", "x is no number"),
        ('{"properties": {}} {}', "line 1, column 20", "xtra data"),
        ("{properties: {}}", "line 1, column 2", "text stands in quotes"),
        ("{'properties': {}}", "line 1, column 2", "unexpected"),
        ('{"properties": tru}', "line 1, column 16", "tru is no number"),
        ('{"properties": NaN}', "line 1, column 16", "NaN is no number"),
        ('{"properties": -Infinity}', "line 1, column 16", "-Infinity is no number"),
        ('{"properties": 01}', "line 1, column 16", "01 is no number"),
        ('{"properties": ' + "9" * 5000 + "}", "line 1, column 16", "is no number"),
        ('{"properties": "a\n"}', "line 1, column 16", "does not end on its line"),
        ('{"properties": "\\q"}', "line 1, column 17", "escape"),
        ('{"properties": /* {}}', "line 1, column 16", "a comment that does not end"),
        ('{"properties": <a> <b>}', "line 1, column 20", "delimiter"),
        ("{ // a\n/* b\n*/ <c>: x}", "line 3, column 9", "x is no number"),
        ("[]", "line 1, column 1", "in braces"),
        ('"properties"', "line 1, column 1", "in braces"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(text, place, why):
    """Line and column count in the text as it was given, whatever was forgiven before."""
    with pytest.raises(Problem) as refused:
        read_document(text)
    assert refused.value.code == "document-unreadable"
    assert refused.value.what.startswith(f"{place}: ")
    assert why in refused.value.what


@pytest.mark.parametrize("text", ["{}", '{"$schema": "x", "resources": []}', '{"error": {"code": "NotFound"}}'])
def test_an_object_that_is_no_pool_is_said_to_be_none(text):
    """Rather than a list of all that is missing in it."""
    with pytest.raises(Problem) as refused:
        read_document(text)
    assert refused.value.code == "not-a-pool-body"


@pytest.mark.parametrize("bracket", ["[", '{"x":'])
def test_depth_is_bounded_and_the_bound_is_met_where_it_stands(bracket):
    """64 levels are read, the 65th is refused at its bracket."""
    closing = {"[": "]", '{"x":': "}"}[bracket]
    levels = DEEPEST - 1
    assert read(bracket * levels + "1" + closing * levels)
    with pytest.raises(Problem) as refused:
        read(bracket * (levels + 1) + "1" + closing * (levels + 1))
    assert refused.value.code == "document-too-large"
    column = len('{"properties": {}, "x": ') + levels * len(bracket) + 1
    assert refused.value.what.startswith(f"line 1, column {column}: ")


def test_size_is_bounded():
    """One character more than the bound is refused before anything is read."""
    with pytest.raises(Problem) as refused:
        read_document(" " * (LONGEST + 1))
    assert refused.value.code == "document-too-large"


@pytest.mark.parametrize(
    "text",
    [
        "{" + "//\n" * 300_000,
        "[" + "1," * 500_000 + "]",
        "{" + "<a>" * 300_000,
        '"' * 1_000_000,
        '"' + "\\" * 1_000_000,
        "/*" * 500_000,
        "<" * 1_000_000,
        "{{" * 500_000,
        '{"properties": {' + '"a":1,' * 150_000 + "}}",
    ],
)
@pytest.mark.timeout(60)  # where the time grew with the square of the length, it would be hours
def test_every_text_within_the_bounds_has_an_end(text):
    """Whatever it is made of, a text of a megabyte is read or refused."""
    with suppress(Problem):
        read_document(text)
