"""The plan is made by reading alone, and made again once it was approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from batchcert.outcomes import PoolReady
from batchcert.plan.changing.bodies import scale_body
from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem, Problems
from batchcert.spec import ImageSpec
from local_azure.serving import LocalAzure
from tasks.azure_api import pools
from tasks.changing.planning import confirm_plan, make_plan

from .conftest import AZURE, Order, run, writes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("azure", "prefect_server")]


def plan_of(order: Order, **changes: Any) -> ChangePlan:
    """The plan for the pool with *changes* of its spec."""
    pool = order.base.model_copy(update=changes)
    found: ChangePlan = run(make_plan, order.target, order.identity, order.vault, order.certificates, pool, order.asked)
    return found


def test_a_plan_is_made_by_reading_alone(azure: LocalAzure, order: Order, made: PoolReady) -> None:
    """Each difference has its way; nothing is written."""
    azure.forget_requests()
    plan = plan_of(order, nodes=2, vm_size="STANDARD_D4S_V5")
    assert {one.path: one.way for one in plan.differences} == {
        "scaleSettings.fixedScale.targetDedicatedNodes": Way.IN_PLACE,
        "vmSize": Way.AT_ZERO,
    }
    assert (plan.way, plan.nodes, plan.ours) == (Way.AT_ZERO, 1, True)
    assert plan_of(order).way is None
    assert writes(azure) == []


def test_what_stands_in_the_way_is_told_at_once(order: Order) -> None:
    """A pool that is not there among it: it is provisioned, not changed."""
    wrong = replace(order, vault=order.vault.model_copy(update={"create": False}))
    with pytest.raises(Problems) as refused:
        plan_of(wrong, image=ImageSpec(sku="none"))
    codes = [problem.code for problem in refused.value.found]
    assert codes == ["image-not-supported", "vault-not-found", "pool-not-found"]


def test_an_approved_plan_is_carried_out_only_while_it_is_right(order: Order, made: PoolReady) -> None:
    """Somebody resized the pool meanwhile: who approved did not know."""
    desired = order.desired(vm_size="STANDARD_D4S_V5")
    approved = order.plan(desired)
    assert run(confirm_plan, order.target, approved, desired, order.asked) == approved
    scale: Mapping[str, object] = order.desired(nodes=2)["properties"]["scaleSettings"]  # type: ignore[index]
    with AZURE.pools(order.target.subscription_id) as api:
        pools.update(api, order.target.pool_id(made.name), scale_body(scale))
    with pytest.raises(Problem) as refused:
        run(confirm_plan, order.target, approved, desired, order.asked)
    assert refused.value.code == "plan-outdated"
