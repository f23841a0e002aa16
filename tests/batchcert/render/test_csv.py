"""The table as CSV."""

from __future__ import annotations

import csv
import io

from batchcert.render.csv import csv_text
from batchcert.render.table import node_rows
from batchcert.verdict.reasons import Reason


def test_it_holds_the_table_s_rows(pool):
    """The same columns and order; read back by a CSV reader, the same values."""
    text = csv_text(pool)
    back = list(csv.DictReader(io.StringIO(text, newline="")))
    assert back == node_rows(pool)
    assert text.count("\r\n") == 11


def test_hostile_text_is_text(rows, hostile):
    """Each row stays one row, and a formula is none."""
    given = rows(("=cmd|' /C calc'!A0", Reason.EXTENSION_ERROR, hostile, '"a",b'))
    (back,) = csv.DictReader(io.StringIO(csv_text(given), newline=""))
    assert back["node"] == "'=cmd|' /C calc'!A0"
    assert back["certificate"] == '"a",b'
    assert back["what"].startswith("<script>")
