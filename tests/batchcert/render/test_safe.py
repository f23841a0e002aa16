"""Text from outside has no power where it is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from batchcert.render.safe import cell, code, prose, spreadsheet


class Page(HTMLParser):
    """The elements of a rendered page, and its text outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._code = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)
        self._code += tag == "code"

    def handle_endtag(self, tag):
        self._code -= tag == "code"

    def handle_data(self, data):
        self.text += "" if self._code else data

    @property
    def bare_addresses(self) -> list[str]:
        """What GitHub's Markdown turns into links by itself, also after escapes were taken away."""
        return re.findall(r"(?:https?|ftp)://|www\.|\w@\w", self.text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("shown", "allowed"),
    [(cell, {"p", "em", "s"}), (prose, {"p"}), (code, {"p", "code"})],
)
def test_as_markdown_it_is_words(hostile, shown, allowed):
    """Inside a line, nothing in it becomes a link, an image or HTML; a cell keeps `_` and `~`, so it may lean."""
    page = Page(f"Seen: {shown(hostile)}")
    assert set(page.tags) == allowed
    assert page.bare_addresses == []


@pytest.mark.parametrize("shown", [cell, prose, code])
def test_in_a_table_it_stays_in_its_cell(hostile, shown):
    """It cannot end its cell or its row."""
    page = Page(f"| a | b |\n| - | - |\n| {shown(hostile)} | x |\n")
    assert (page.tags.count("tr"), page.tags.count("td"), page.text.count("x\n")) == (2, 2, 1)


def test_a_code_span_shows_what_it_was_given():
    """Only what cannot be in a line, or in a table, is changed."""
    text = "a `b` ``c`` <d> [e](f) & https://g"
    html = MarkdownIt().render(code(text))
    assert html == "<p><code>a `b` ``c`` &lt;d&gt; [e](f) &amp; https://g</code></p>\n"
    assert MarkdownIt().renderInline(code("")) == "<code> </code>"


def test_a_cell_reads_the_same_literally():
    """Ordinary words, paths, ids and numbers come through untouched, as JSON nearly does."""
    for text in ("tvmps_1_d", "/var/lib/waagent/x-1.0", "leaf 3f9c is 2 d old", "(a; b), c: 'd'", '{"error":"x"}'):
        assert cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "\u200b=1", "\uff1d1"])
def test_a_formula_is_text_for_a_spreadsheet(text):
    """An apostrophe in front of it, whatever it hides behind."""
    assert spreadsheet(text)[0] == "'"


@pytest.mark.parametrize("text", ["", "a=1", "tvm-1", "2026-01-01", "'x"])
def test_other_cells_are_left_alone(text):
    """An apostrophe in front only where it is needed."""
    assert spreadsheet(text) == text
