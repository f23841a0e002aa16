"""What Azure does to Batch by itself: quotas, and Spot nodes taken and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.anyio


def _state(world: Any, node: str) -> str:
    return str(world.show(node)["state"])


def _quotas(world: Any, **changes: int) -> None:
    levers = world.batch.levers
    levers.set_quotas("BatchCertLocal", replace(levers.quotas()["batchcertlocal"], **changes))


async def _spot(world: Any, *, dedicated: int = 0, spot: int = 1) -> str:
    fixed = {"targetDedicatedNodes": dedicated, "targetLowPriorityNodes": spot}
    return str(await world.pool(scaleSettings={"fixedScale": fixed}))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("targetDedicatedNodes", "AccountCoreQuotaReached"),
        ("targetLowPriorityNodes", "AccountLowPriorityCoreQuotaReached"),
    ],
)
async def test_an_account_has_quotas_of_its_own(world: Any, kind: str, code: str) -> None:
    """Cores over all its pools; the account shows them; what is beyond new ones stays."""
    _quotas(world, dedicated_cores=6, low_priority_cores=6)
    shown = world.arm("GET", "").body["properties"]
    assert (shown["dedicatedCoreQuota"], shown["lowPriorityCoreQuota"]) == (6, 6)
    await world.pool("first", scaleSettings={"fixedScale": {kind: 2}})
    await world.pool("render", scaleSettings={"fixedScale": {kind: 2}})
    assert [len(world.nodes(name)) for name in ("first", "render")] == [2, 1]
    assert [error["code"] for error in world.show("/pools/render")["resizeErrors"]] == [code]
    _quotas(world, dedicated_cores=0, low_priority_cores=0)
    await world.pass_time(60)
    assert [len(world.nodes(name)) for name in ("first", "render")] == [2, 1]


async def test_an_account_has_a_quota_of_pools(world: Any) -> None:
    """A pool more is refused, and the account shows how many there may be."""
    _quotas(world, pools=1)
    await world.pool()
    refused = world.arm("PUT", "/pools/more", world.body())
    assert (refused.status, refused.body["error"]["code"]) == (409, "PoolQuotaReached")
    assert world.arm("GET", "").body["properties"]["poolQuota"] == 1


async def test_nobody_sets_the_quotas_of_no_account(world: Any) -> None:
    """An unknown name is an error."""
    with pytest.raises(KeyError):
        world.batch.levers.set_quotas("nobody", world.batch.levers.quotas()["batchcertlocal"])


async def test_a_preempted_node_loses_its_machine_and_its_tasks(world: Any) -> None:
    """It stays in the pool, counted as preempted; the tasks wait, which is no requeue by a user."""
    node = await _spot(world)
    task = await world.task(await world.job(), "t1", "wait")
    machine = world.machine_of(node)
    name = f"batchcertlocal/render/{node.rpartition('/')[2]}"
    assert world.batch.levers.preempt(name.upper()) == [name]
    assert _state(world, node) == "preempted"
    await world.pass_time(3600)
    assert machine.calls[-1] == "close wipe=True"
    assert world.show(task)["executionInfo"]["requeueCount"] == 0
    assert world.show(task)["state"] == "active"
    counts = world.data("GET", "/nodecounts").body["value"][0]["lowPriority"]
    assert (counts["preempted"], counts["total"]) == (1, 1)
    assert world.show("/pools/render")["currentLowPriorityNodes"] == 1


async def test_a_preempted_node_comes_back_with_capacity(world: Any) -> None:
    """By itself where that was said, or when it is given back; with a fresh disk."""
    node = await _spot(world)
    levers = world.batch.levers
    levers.preempt("*/render/*", back_after=timedelta(hours=1))
    await world.pass_time(3599)
    assert _state(world, node) == "preempted"
    await world.pass_time(2)
    assert _state(world, node) == "creating"
    await world.pass_time(30)
    assert _state(world, node) == "idle"
    levers.preempt("*")
    await world.pass_time(3600 * 24)
    assert _state(world, node) == "preempted"
    assert levers.give_back("*/other/*") == []
    assert len(levers.give_back("*/render/*")) == 1
    await world.pass_time(30)
    assert _state(world, node) == "idle"


async def test_a_preemption_strikes_spot_nodes_that_have_a_machine(world: Any) -> None:
    """So many as asked for, the oldest first; never a dedicated one, and none twice."""
    await _spot(world, dedicated=2, spot=3)
    spot = [node["id"] for node in world.nodes() if not node["isDedicated"]]
    levers = world.batch.levers

    def struck(**options: Any) -> list[str]:
        return [name.rpartition("/")[2] for name in levers.preempt("*/render/*", **options)]

    assert struck(first=1) == spot[:1]
    assert struck() == spot[1:]
    assert struck() == []
    await world.pass_time(60)
    assert {node["id"] for node in world.nodes() if node["state"] == "preempted"} == set(spot)
    assert [node["state"] for node in world.nodes() if node["isDedicated"]] == ["idle", "idle"]


async def test_a_preempted_node_survives_a_restart_as_such(world: Any, new_world: Any) -> None:
    """So does a deallocated one."""
    node = await _spot(world)
    world.batch.levers.preempt("*")
    await world.pool("other")
    other = f"/pools/other/nodes/{world.nodes('other')[0]['id']}"
    world.data("POST", f"{other}/deallocate")
    await world.pass_time(30)
    await world.batch.close()
    again = new_world(world.batch.state)
    await again.batch.resume()
    await again.pass_time(60)
    assert [_state(again, path) for path in (node, other)] == ["preempted", "deallocated"]
    assert again.machines.made == {}
