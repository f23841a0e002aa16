"""A run in one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchcert.render.headline import counts, headline
from batchcert.render.report import RunReport
from batchcert.verdict.reasons import Reason
from batchcert.verdict.rollup import roll_up

NOW = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pairs", "told", "counted"),
    [
        ([("a", Reason.CURRENT), ("b", Reason.CURRENT)], "✔ Pool r_1 is fine: 2 nodes, all current", "2 current"),
        (
            [("a", Reason.CURRENT), ("b", Reason.STORE_MISSING)],
            "✘ Pool r_1: 1 of 2 nodes not fine",
            "1 missing, 1 current",
        ),
        ([], "Pool r_1 has no nodes: nothing was proved", ""),
    ],
)
def test_it_says_whether_the_pool_is_fine(rows, pairs, told, counted):
    """As plain text: it stands where nothing is rendered."""
    given = rows(*pairs)
    assert headline(RunReport("r_1", "", NOW, rows=given)) == told
    assert counts(roll_up(given)) == counted


def test_a_run_that_saw_no_nodes_only_names_the_pool():
    """It knows nothing of them."""
    assert headline(RunReport("r_1", "", NOW)) == "Pool r_1"
