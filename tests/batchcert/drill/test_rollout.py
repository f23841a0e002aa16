"""Where a version is, look after look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.drill.rollout import Holding, Issued, Rollout, Sight, Stage
from batchcert.verdict.evidence import NodeView

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW, OTHER = "a" * 64, "b" * 64, "c" * 64
WEB, API = Issued("v/web", "1", NEW, AT), Issued("v/api", "2", OTHER, AT + timedelta(seconds=10))
NODE = NodeView("n1", "idle", AT - timedelta(days=9), AT - timedelta(days=9))
NODES = [replace(NODE, node_id=name) for name in ("n1", "n2")]


def at(seconds: float) -> datetime:
    """So long after v/web was issued."""
    return AT + timedelta(seconds=seconds)


def leaves(seconds: float, **held: str) -> dict[Holding, Sight]:
    """What a look at that time has seen of v/web, by node."""
    return {Holding(node, "v/web"): Sight(leaf, at(seconds)) for node, leaf in held.items()}


def test_each_node_s_lag_ends_with_the_visit_that_saw_it() -> None:
    """Counted from the issue of the version, once, whatever later looks see."""
    rollout = Rollout((WEB,))
    assert (rollout.done, rollout.nodes, rollout.percent) == (False, 0, 0.0)
    rollout = rollout.after(NODES, leaves(4, n1=OLD, n2=OLD), at(5))
    assert (rollout.done, rollout.laggards, rollout.lags(Stage.NODE)) == (False, ("n1", "n2"), ())
    rollout = rollout.after(NODES, leaves(18, n1=OLD, n2=NEW), at(20))
    assert (rollout.laggards, rollout.settled, rollout.percent) == (("n1",), frozenset({"n2"}), 50.0)
    assert str(rollout) == "1 of 2 have it, 20 s after it was issued"
    rollout = rollout.after(NODES, leaves(50, n1=NEW), at(50))
    assert (rollout.done, rollout.laggards, rollout.nodes) == (True, (), 2)
    assert rollout.lags(Stage.NODE) == (timedelta(seconds=18), timedelta(seconds=50))


def test_a_node_with_two_certificates_waits_for_both() -> None:
    """Each counted from its own issue."""
    seen = leaves(30, n1=NEW) | {Holding("n1", "v/api"): Sight(OLD, at(30))}
    rollout = Rollout((WEB, API)).after([NODE], seen, at(30))
    assert (rollout.waiting, rollout.settled) == ((Holding("n1", "v/api"),), frozenset())
    rollout = rollout.after([NODE], {Holding("n1", "v/api"): Sight(OTHER, at(40))}, at(40))
    assert rollout.lags(Stage.NODE) == (timedelta(seconds=30), timedelta(seconds=30))
    assert rollout.issued_at == API.issued_at


@pytest.mark.parametrize(
    ("node", "waited_for"),
    [
        (NODE, True),
        (replace(NODE, state="offline"), True),
        (replace(NODE, state="rebooting"), True),
        (replace(NODE, allocated_at=None), True),
        (replace(NODE, allocated_at=AT), True),
        (replace(NODE, allocated_at=at(1)), False),
        (replace(NODE, state="leavingpool"), False),
        (replace(NODE, state="preempted"), False),
    ],
)
def test_which_nodes_are_waited_for(node: NodeView, waited_for: bool) -> None:
    """Every node that was there: not one that leaves, nor one that came later and starts with the new version."""
    assert Rollout((WEB,)).after([node], {}, at(9)).laggards == (("n1",) if waited_for else ())


def test_a_node_that_leaves_meanwhile_is_no_laggard() -> None:
    """Nor is one that is gone; what had arrived stays measured."""
    rollout = Rollout((WEB,)).after(NODES, leaves(9, n1=NEW), at(9))
    rollout = rollout.after([], {}, at(20))
    assert (rollout.done, rollout.nodes, rollout.lags(Stage.NODE)) == (True, 1, (timedelta(seconds=9),))


def test_a_pool_without_nodes_is_done_at_the_first_look() -> None:
    """Nothing is to arrive."""
    rollout = Rollout((WEB,)).after([], {}, at(1))
    assert (rollout.done, rollout.nodes, rollout.total) == (True, 0, 0)


def test_a_version_that_is_served_arrives_twice() -> None:
    """On the disk, and in service; a node is done when it has both."""
    rollout = Rollout((replace(WEB, served=True),)).after([NODE], leaves(10, n1=NEW), at(10))
    assert (rollout.done, rollout.laggards, rollout.percent) == (False, ("n1",), 50.0)
    assert str(rollout) == "1 of 1 have it, 0 of 1 serve it, 10 s after it was issued"
    in_service = Holding("n1", "v/web", Stage.SERVICE)
    rollout = rollout.after([NODE], {in_service: Sight(OLD, at(20))}, at(20))
    assert rollout.waiting == (in_service,)
    rollout = rollout.after([NODE], {in_service: Sight(NEW, at(30))}, at(30))
    assert (rollout.done, rollout.lags(Stage.NODE), rollout.lags(Stage.SERVICE)) == (
        True,
        (timedelta(seconds=10),),
        (timedelta(seconds=30),),
    )
    assert (rollout.total_of(Stage.NODE), rollout.total_of(Stage.SERVICE), rollout.total) == (1, 1, 2)
