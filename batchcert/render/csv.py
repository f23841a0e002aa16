"""The table of nodes as CSV, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from batchcert.render.safe import spreadsheet
from batchcert.render.table import row_values
from batchcert.verdict.finding import Finding, Row, Verdict
from batchcert.verdict.rollup import worst_first

_COLUMNS = tuple(row_values(Row("", "", Finding(Verdict.CURRENT, "", ""))))


def csv_text(rows: Iterable[Row]) -> str:
    """The rows, the worst first, under a line of column names: the same as the table's. RFC 4180, lines end in CRLF."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([spreadsheet(value) for value in row_values(row).values()] for row in worst_first(rows))
    return out.getvalue()
