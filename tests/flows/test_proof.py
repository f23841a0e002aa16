"""What both flows make of what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from batchcert.outcomes import Visited, Watched
from batchcert.spec import DEFAULT_STORE, ValidationSpec
from batchcert.verdict.evidence import Expected, NodeView
from batchcert.verdict.finding import Verdict
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.report import Certificate, Handler, NodeReport, Status, Store, StoreFile
from flows.proof import judged

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW = "a" * 64, "b" * 64
NODE = NodeView("node", "idle", NOW - timedelta(days=9), NOW - timedelta(days=9))


def watched(current: str, *earlier: str) -> Watched:
    """What Key Vault holds, when *current* is its newest version."""
    begins, ends = NOW - timedelta(minutes=1), NOW + timedelta(days=365)
    expected = Expected("v", "c", DEFAULT_STORE, "", "", "1", current, begins, begins, ends, earlier)
    pool = "/subscriptions/0/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a/pools/p"
    return Watched(pool, "a.example", "3.0", 300, (expected,), (), NOW)


def visited(leaf: str) -> Visited:
    """A node that has *leaf* in its store and reports success."""
    chain = (Certificate(leaf, "CN=c", "CN=c", (), NOW - timedelta(days=1), NOW + timedelta(days=365)),)
    file = StoreFile(f"{DEFAULT_STORE}/v.c", "", "root", "root", "600", chain)
    handler = Handler("3.0.1.0", "Enabled", 0, Status("success", "Service start.", "started", NOW.isoformat()))
    report = NodeReport(NOW, (handler,), (Store(DEFAULT_STORE, True, (file,)),))
    return Visited((NODE,), (NodeVisit("node", report),), NOW)


def test_a_version_that_came_while_nodes_were_visited_is_not_foreign() -> None:
    """Key Vault is read again before a node is blamed for a leaf that it did not have when it was read first."""
    seen, rows = judged(watched(OLD), visited(NEW), ValidationSpec(), look_again=lambda: watched(NEW, OLD))
    assert (rows[0].finding.verdict, seen.expected[0].sha256) == (Verdict.CURRENT, NEW)


def test_a_version_that_came_between_two_looks_is_no_disagreement() -> None:
    """One channel saw the old version, the other, later, one that Key Vault did not have when it was read first."""
    both = replace(visited(OLD), second=visited(NEW).visits)
    seen, rows = judged(watched(OLD), both, ValidationSpec(), look_again=lambda: watched(NEW, OLD))
    assert (rows[0].finding.reason, seen.expected[0].sha256) == ("rotation-pending", NEW)


def test_a_disagreement_stays_one() -> None:
    """A second reading of Key Vault that finds nothing new changes nothing."""
    both = replace(visited(OLD), second=visited("c" * 64).visits)
    _, rows = judged(watched(OLD), both, ValidationSpec(), look_again=lambda: watched(OLD))
    assert rows[0].finding.reason == "channels-disagree"


def test_a_foreign_leaf_stays_foreign() -> None:
    """A second look that finds nothing new changes nothing."""
    _, rows = judged(watched(OLD), visited("c" * 64), ValidationSpec(), look_again=lambda: watched(OLD))
    assert rows[0].finding.reason == "wrong-certificate"


def test_key_vault_is_read_once_where_nothing_is_foreign() -> None:
    """A node that is only behind is no reason to look again."""

    def never() -> Watched:
        raise AssertionError("there was nothing to look for")

    _, rows = judged(replace(watched(NEW, OLD)), visited(OLD), ValidationSpec(), look_again=never)
    assert rows[0].finding.verdict is Verdict.PENDING
