"""The table of nodes: as plain data, and as text for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.console import Group as ConsoleGroup
from rich.table import Table
from rich.text import Text

from batchcert.render.groups import Group, counted, grouped
from batchcert.render.nodes import middle, short_node, with_short_node
from batchcert.render.safe import cell
from batchcert.verdict.finding import Row
from batchcert.verdict.rollup import worst_first
from batchcert.verdict.words import iso, short
from batchcert.visit.text import one_line

# Prefect's page gives a cell one line, and shows some four columns before a person has to scroll.
_SHOWN = (
    "verdict",
    "node",
    "reason",
    "certificate",
    "what",
    "what to do",
    "cause",
    "expires",
    "leaf sha256",
    "node id",
)
_NARROWEST = 60
_WIDE = 100


def row_values(row: Row) -> dict[str, str]:
    """The columns of one row, as they are: not yet safe to be shown."""
    finding = row.finding
    return {
        "verdict": finding.verdict.value,
        "node": row.node,
        "certificate": row.certificate,
        "reason": finding.reason,
        "what": finding.message,
        "cause": finding.cause,
        "what to do": finding.cure,
        "leaf sha256": row.leaf_sha256,
        "expires": row.expires,
    }


def node_rows(rows: Iterable[Row], validated: datetime | None = None) -> list[dict[str, str]]:
    """A dict for each row, the worst first, with the same keys in the same order; fit for Prefect's table artifact.

    Nodes go by their short names; the whole id stands in the last column. What could act as markup is replaced by
    characters that look like it, since one of Prefect's pages shows cells literally and the other renders them.
    *validated*: when the verdicts were given, for a column by which a later run knows how fresh they are.
    """
    when = {"validated": iso(validated)} if validated else {}
    return [_shown(row) | when for row in worst_first(rows)]


def _shown(row: Row) -> dict[str, str]:
    values = row_values(row)
    values["node id"] = row.node
    values["node"] = short_node(row.node)
    values["what"] = with_short_node(row.finding.message, row.node)
    return {name: cell(values[name]) for name in _SHOWN}


def node_table(rows: Iterable[Row], width: int) -> str:
    """The rows as an aligned table, and below it what is wrong, why, and what to do; at most *width* columns, or 60."""
    width = max(width, _NARROWEST)
    judged = worst_first(rows)
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, legacy_windows=False, _environ={})
    console.print(_table(judged, width))
    for group in grouped(judged):
        console.print()
        console.print(_told(group))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _table(rows: Sequence[Row], width: int) -> Table:
    """A line for each row, so that a hundred nodes fit on a few screens; the words are told once, below."""
    wide = width >= _WIDE
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    longest = min(width // 3, max((len(row.finding.reason) for row in rows), default=0))
    for name in ("verdict", "node", "certificate", "reason", *(["leaf", "expires"] if wide else [])):
        whole = name in {"verdict", "node", "leaf", "expires"}
        # A reason is a word to search for, so that a long certificate's name gives way to it.
        table.add_column(name, overflow="fold", no_wrap=whole, min_width=longest if name == "reason" else None)
    for row in rows:
        finding = row.finding
        shown = [finding.verdict.value, middle(one_line(row.node), width // 5), row.certificate, finding.reason]
        shown += [short(row.leaf_sha256), row.expires[:10]] if wide else []
        table.add_row(*(_text(value) for value in shown))
    return table


def _told(group: Group) -> ConsoleGroup:
    finding = group.finding
    words = Table.grid(padding=(0, 1, 0, 0))
    words.add_column(no_wrap=True)
    words.add_column(overflow="fold")
    for name, text in (("what", group.seen + group.alike), ("cause", finding.cause), ("cure", finding.cure)):
        if text:
            words.add_row(f"  {name}:", _text(text))
    head = f"{finding.verdict} on {counted(len(group.nodes), 'node')}: {finding.reason}"
    return ConsoleGroup(_text(head), words)


def _text(words: str) -> Text:
    return Text(one_line(words))  # Text, since rich has a markup of its own, which a node could use
