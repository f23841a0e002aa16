"""The table as CSV."""

from __future__ import annotations

import csv
import io

from batchcert.render.csv import csv_text
from batchcert.render.table import row_values
from batchcert.verdict.reasons import Reason
from batchcert.verdict.rollup import worst_first


def test_it_holds_the_table_s_rows(pool):
    """The worst first; read back by a CSV reader, the same values, node ids whole."""
    text = csv_text(pool)
    back = list(csv.DictReader(io.StringIO(text, newline="")))
    assert back == [row_values(row) for row in worst_first(pool)]
    assert text.count("\r\n") == 11


def test_hostile_text_is_text(rows, hostile):
    """Each row stays one row, and a formula is none."""
    given = rows(("=cmd|' /C calc'!A0", Reason.EXTENSION_ERROR, hostile, '"a",b'))
    (back,) = csv.DictReader(io.StringIO(csv_text(given), newline=""))
    assert back["node"] == "'=cmd|' /C calc'!A0"
    assert back["certificate"] == '"a",b'
    assert back["what"].startswith("<script>")
