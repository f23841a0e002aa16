"""A new pool is made beside the old one once, and found again."""

from __future__ import annotations

import pytest

from batchcert.changes import Action
from batchcert.outcomes import PoolReady
from batchcert.plan.changing.ways import Way
from batchcert.problems import Problem
from local_azure.serving import LocalAzure
from tasks.changing.beside import make_new_pool

from .conftest import Order, run, writes

pytestmark = pytest.mark.slow


def test_a_new_pool_is_made_beside_the_old_and_found_again(azure: LocalAzure, order: Order, made: PoolReady) -> None:
    """A second run writes nothing; the old pool is not written to at all."""
    desired = order.desired(polling_interval_seconds=600)
    plan = order.plan(desired)
    assert plan.way is Way.BESIDE
    azure.forget_requests()
    new = run(make_new_pool, order.target, plan, desired)
    assert (new.name, new.change.action) == (plan.new_pool, Action.CREATE)
    assert writes(azure) == [f"PUT {plan.new_pool}"]
    again = run(make_new_pool, order.target, plan, desired)
    assert again.change.action is Action.NOTHING
    assert writes(azure) == [f"PUT {plan.new_pool}"]
    observed = order.observed(plan.new_pool)
    assert observed is not None
    assert observed.ours


def test_another_pool_of_that_name_is_not_touched(azure: LocalAzure, order: Order, made: PoolReady) -> None:
    """It is somebody else's; the fields in which it differs are named."""
    order.asked = order.asked.model_copy(update={"suffix": "blue"})
    first, second = order.desired(polling_interval_seconds=600), order.desired(polling_interval_seconds=900)
    run(make_new_pool, order.target, order.plan(first), first)
    azure.forget_requests()
    with pytest.raises(Problem) as refused:
        run(make_new_pool, order.target, order.plan(second), second)
    assert refused.value.code == "new-pool-differs"
    assert "pollingIntervalInS" in refused.value.what
    assert writes(azure) == []
