"""The table of nodes and the closing line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from demo.failure import DemoFailedError
from demo.prefect_api import Artifact
from demo.table import drawn, rows_of, summary

LEAF = "0123456789abcdef" * 4


def row(node: str, verdict: str = "current", leaf: str = LEAF, **more: str) -> dict[str, object]:
    return {"node": node, "verdict": verdict, "leaf sha256": leaf, **more}


def test_the_closing_line_counts_nodes_not_certificates() -> None:
    """Two certificates on a node are two rows."""
    rows = [row("a", certificate="x"), row("a", certificate="y"), row("b", certificate="x")]
    assert summary(rows) == "demo: 2 nodes, 2 current, leaf sha256 0123456789abcdef = Key Vault"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row("a"), row("b", "pending")], "2 nodes, 1 current, 1 different leaves"),
        ([row("a"), row("a", "stale"), row("b")], "2 nodes, 1 current, 1 different leaves"),
        ([row("a"), row("b", leaf="f" * 64)], "2 nodes, 2 current, 2 different leaves"),
    ],
)
def test_it_is_not_said_where_it_is_not_true(rows: list[dict[str, object]], reason: str) -> None:
    """One node behind, or two leaves, and no leaf is *the* one in Key Vault."""
    with pytest.raises(DemoFailedError, match=reason):
        summary(rows)


def test_the_newest_table_of_nodes_is_taken() -> None:
    """Not a report, not a table of something else, not an older one."""
    artifacts = [
        Artifact("1", "report", "markdown", "text"),
        Artifact("2", "other", "table", [{"a": 1}]),
        Artifact("3", "empty", "table", []),
        Artifact("4", "nodes", "table", [row("new")]),
        Artifact("5", "nodes", "table", [row("old")]),
    ]
    assert rows_of(artifacts) == [row("new")]


def test_a_run_without_a_table_has_failed() -> None:
    """There is nothing to sum up."""
    assert rows_of([]) == []
    with pytest.raises(DemoFailedError, match="left no table"):
        summary([])


def test_the_table_fits_a_terminal() -> None:
    """A digest is cut to what the closing line shows, a long id in its middle; brackets are text."""
    out = io.StringIO()
    node = "tvmps_0123456789abcdef0123456789abcdef_d"
    Console(file=out, width=80).print(drawn([row(node, certificate="[bold]vault/render", expires="2027-01-02T03:04Z")]))
    head, line = out.getvalue().splitlines()
    assert head.split() == ["verdict", "node", "certificate", "leaf", "sha256", "expires"]
    assert line.split() == ["current", "tvmps_0123…abcdef_d", "[bold]vault/render", LEAF[:16], "2027-01-02"]
