"""An update brings the fields of its plan, as Azure lets them be changed."""

from __future__ import annotations

import pytest

from batchcert.outcomes import PoolReady
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem
from batchcert.spec import IdentitySpec, NodeFillType, WayChoice
from tasks.changing.sizing import empty_pool, resize_pool
from tasks.changing.updating import update_pool
from tasks.nodes import await_nodes

from .conftest import Order, run

pytestmark = pytest.mark.slow


def test_what_changes_in_place_changes_under_nodes(order: Order, made: PoolReady) -> None:
    """The pool is what is asked for afterwards, and its node is the same."""
    desired = order.desired(nodes=2)
    plan = order.plan(desired)
    assert plan.way is Way.IN_PLACE
    run(update_pool, order.target, plan, desired, scale=True)
    run(await_nodes, order.target, made, order.base)
    assert order.plan(desired).way is None
    observed = order.observed()
    assert observed is not None
    assert observed.current_nodes == 2


CHANGES = {
    "size": {"vm_size": "STANDARD_D4S_V5"},
    "placement": {"node_fill_type": NodeFillType.SPREAD},
    "image": {
        "image": {
            "offer": "0001-com-ubuntu-server-jammy",
            "sku": "22_04-lts-gen2",
            "node_agent": "batch.node.ubuntu 22.04",
        }
    },
    "extension": {"polling_interval_seconds": 600},
}


@pytest.mark.parametrize("name", CHANGES)
def test_azure_refuses_under_nodes_what_the_plan_calls_fixed(order: Order, made: PoolReady, name: str) -> None:
    """And takes it on an empty pool: the table of ways says what Azure does."""
    changes = order.base.model_validate({**order.base.model_dump(), **CHANGES[name]})
    desired = order.desired(**dict(changes))
    order.asked = order.asked.model_copy(update={"way": WayChoice.AT_ZERO_NODES})
    plan = order.plan(desired)
    with pytest.raises(Problem) as refused:
        run(update_pool, order.target, plan, desired, scale=False)
    assert refused.value.code == "pool-property-fixed"
    run(empty_pool, order.target, made.name, 15)
    run(update_pool, order.target, plan, desired, scale=False)
    run(resize_pool, order.target, made.name, desired["properties"]["scaleSettings"])  # type: ignore[index]
    run(await_nodes, order.target, made, order.base)
    assert order.plan(desired).way is None


def test_an_update_adds_identities_and_takes_none_away(order: Order, made: PoolReady, unique: str) -> None:
    """So the old one is named in the plan, and still there afterwards."""
    old = str(order.identity.resource(order.target))
    order.identity = IdentitySpec(name=f"{unique}-new")
    desired = order.desired()
    order.asked = order.asked.model_copy(update={"way": WayChoice.AT_ZERO_NODES})
    plan = order.plan(desired)
    assert [one.lower() for one in plan.unwanted] == [old.lower()]
    run(empty_pool, order.target, made.name, 15)
    run(update_pool, order.target, plan, desired, scale=False)
    observed = order.observed()
    assert observed is not None
    assert len(observed.identities) == 2
    assert [one.lower() for one in order.plan(desired).unwanted] == [old.lower()]
