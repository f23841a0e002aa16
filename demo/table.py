"""The table of nodes that a validation has left, and the line that sums it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from demo.failure import DemoFailedError
from demo.prefect_api import Artifact

Row = Mapping[str, object]
NODE, VERDICT, LEAF = "node", "verdict", "leaf sha256"  # columns of the table artifact
SHOWN = {VERDICT: 11, NODE: 19, "certificate": 24, LEAF: 16, "expires": 10}  # columns and their widths
CURRENT = "current"
SHOWN_HEX = 16


def rows_of(artifacts: Sequence[Artifact]) -> list[Row]:
    """The rows of the run's newest table of nodes, none where it left no such table."""
    for artifact in artifacts:
        if artifact.type == "table" and artifact.data and {NODE, VERDICT, LEAF} <= set(artifact.data[0]):
            return list(artifact.data)
    return []


def drawn(rows: Sequence[Row]) -> Table:
    """The table for a terminal of 80 columns: ids, digests and times are cut to what the eye compares."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in SHOWN:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_cut(column, str(row.get(column, "")))) for column in SHOWN))
    return table


def _cut(column: str, text: str) -> str:
    width = SHOWN[column]
    if column == NODE and len(text) > width:
        return f"{text[: width - 9]}…{text[-8:]}"  # ids of nodes differ at their ends
    return text[:width]


def summary(rows: Sequence[Row]) -> str:
    """The closing line. *current* is the flow's word for: this leaf is Key Vault's current version.

    Raises: DemoFailedError where a certificate on a node is not current, since then no one leaf is Key Vault's.
    """
    if not rows:
        raise DemoFailedError("the validation left no table of nodes")
    nodes = {row[NODE] for row in rows}
    behind = {row[NODE] for row in rows if row[VERDICT] != CURRENT}
    leaves = {str(row[LEAF]) for row in rows}
    if behind or len(leaves) != 1:
        raise DemoFailedError(f"{len(nodes)} nodes, {len(nodes - behind)} current, {len(leaves)} different leaves")
    return f"demo: {len(nodes)} nodes, {len(nodes)} current, leaf sha256 {leaves.pop()[:SHOWN_HEX]} = Key Vault"
