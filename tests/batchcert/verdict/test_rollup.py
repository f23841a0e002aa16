"""The worst decides, for a node and for a pool."""

from __future__ import annotations

import itertools

import pytest

from batchcert.verdict.finding import Finding, Row, Verdict
from batchcert.verdict.rollup import roll_up


def _row(node: str, verdict: Verdict, certificate: str = "kv/web") -> Row:
    return Row(node, certificate, Finding(verdict, "r", "m"))


def test_a_node_is_as_bad_as_its_worst_certificate_and_a_pool_as_its_worst_node():
    """Whatever the order of the rows; bad ones come first, then by name."""
    rows = [
        _row("b", Verdict.CURRENT, "kv/web"),
        _row("b", Verdict.STALE, "kv/api"),
        _row("c", Verdict.FAILED),
        _row("a", Verdict.CURRENT),
        _row("d", Verdict.CURRENT),
    ]
    for order in itertools.permutations(rows):
        pool = roll_up(order)
        assert [(node.node, node.verdict) for node in pool.nodes] == [
            ("c", Verdict.FAILED),
            ("b", Verdict.STALE),
            ("a", Verdict.CURRENT),
            ("d", Verdict.CURRENT),
        ]
        assert [row.certificate for row in pool.nodes[1].rows] == ["kv/api", "kv/web"]
        assert pool.verdict is Verdict.FAILED
        assert pool.counts == {Verdict.FAILED: 1, Verdict.STALE: 1, Verdict.CURRENT: 2}
        assert list(pool.counts) == [Verdict.FAILED, Verdict.STALE, Verdict.CURRENT]
        assert len(pool.rows) == 5


@pytest.mark.parametrize(
    ("verdict", "fine"),
    [
        ("expired", False),
        ("failed", False),
        ("missing", False),
        ("stale", False),
        ("unreachable", False),
        ("pending", True),
        ("reported", True),
        ("skipped", True),
        ("current", True),
    ],
)
def test_what_a_validation_passes_with(verdict, fine):
    """One node that is not fine is enough to fail; each verdict outranks those below it in the list."""
    pool = roll_up([_row("a", Verdict.CURRENT), _row("b", Verdict(verdict))])
    assert pool.fine is fine
    assert pool.verdict == verdict


def test_a_pool_without_nodes_proves_nothing():
    """No node is bad, and none is current."""
    pool = roll_up([])
    assert (pool.verdict, pool.nodes, pool.counts, pool.rows) == (Verdict.SKIPPED, (), {}, ())
