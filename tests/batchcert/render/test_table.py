"""The table of nodes, as data and in a terminal."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from batchcert.render.table import node_rows, node_table
from batchcert.verdict.causes import Cause
from batchcert.verdict.reasons import Reason


def test_the_data_has_bad_ones_first_and_the_same_columns(pool):
    """Prefect's table artifact wants the same keys in each row; JSON can carry it."""
    data = node_rows(pool)
    assert [row["verdict"] for row in data] == ["expired", "failed", "stale", "stale", "pending", *["current"] * 5]
    assert {tuple(row) for row in data} == {
        (
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
    }
    assert json.loads(json.dumps(data)) == data


def test_a_node_goes_by_its_short_name(rows):
    """In its own column and in what was seen; the whole id is there to be looked up."""
    node = "tvmps_7c0ffee5d2b7a90412fe83ab7cd_d"
    (row,) = node_rows(rows((node, Reason.ROTATION_OVERDUE, f"{node} (10.0.0.4): no connection")))
    assert (row["node"], row["node id"]) == ("tvmps_7c0ffe…fe83ab7cd_d", node)
    assert row["what"] == "tvmps_7c0ffe…fe83ab7cd_d (10.0.0.4): no connection"


def test_the_data_is_safe_to_show(rows, hostile):
    """No cell holds what a page could take for markup."""
    row = node_rows(rows((hostile, Reason.EXTENSION_ERROR, hostile, hostile)))[0]
    for value in row.values():
        assert [mark for mark in "<>[]`|*\\@&\n\x1b\u202e" if mark in value] == []
        assert "://" not in value
        value.encode()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_the_text_fits_its_width(pool, rows, hostile, width):
    """No line is wider, whatever the rows hold, and no line ends in blanks."""
    text = node_table([*pool, *rows((hostile, Reason.EXTENSION_ERROR, hostile, hostile))], width)
    assert [line for line in text.split("\n") if cell_len(line) > width or line != line.rstrip()] == []


@pytest.mark.parametrize(("width", "leaf"), [(80, False), (120, True)])
def test_a_node_takes_one_line(pool, width, leaf):
    """Ten nodes are ten lines, the worst on top; a wide terminal shows the fingerprint too."""
    table = node_table(pool, width).split("\n\n", 1)[0].split("\n")
    assert len(table) == 12
    assert table[2].split()[0] == "expired"
    assert ("3f9c1a2b77d0e445" in table[-1]) == leaf


def test_below_the_table_each_reason_is_told_once(pool):
    """What, cause and cure, for as many nodes as share it; nothing for those that are current."""
    told = node_table(pool, 200).split("\n\n", 1)[1]
    overdue = Reason.ROTATION_OVERDUE
    assert (
        "stale on 2 nodes: rotation-overdue\n"
        "  what:  what was seen\n"
        f"  cause: {overdue.cause}\n"
        f"  cure:  {overdue.cure}\n"
    ) in told
    assert [line.split(" ")[0] for line in told.split("\n") if line and line[0] != " "] == [
        "expired",
        "failed",
        "stale",
        "pending",
    ]


def test_a_pool_that_is_fine_needs_no_words(rows):
    """The table alone."""
    assert node_table(rows(("a", Reason.CURRENT), ("b", Reason.CURRENT)), 80).count("\n") == 4


def test_a_reason_stays_in_one_piece(rows):
    """It is searched for; a long certificate's name gives way."""
    reason = Cause.SETTINGS_NOT_AN_OBJECT
    table = node_table(rows(("n" * 70, reason, "m", "a-vault-of-24-characters/a-long-certificate-name")), 96)
    assert reason.value in table.split("\n\n", 1)[0]
