"""Resizes: up, down, stopped, timed out, limited by quota, and at a thousand nodes."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.anyio


def counts(world, pool: str = "render") -> dict[str, int]:
    rows = world.data("GET", "/nodecounts", _filter=f"poolId eq '{pool}'").body["value"]
    return {state: number for state, number in rows[0]["dedicated"].items() if number}


async def test_a_resize_up_and_down(world) -> None:
    """Up adds nodes beside those that work; down lets the newest go and closes their machines."""
    await world.pool(nodes=2)
    before = {node["id"] for node in world.nodes()}
    assert world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 4}).status == 202
    await world.pass_time(30)
    assert counts(world) == {"idle": 4, "total": 4}
    assert before < {node["id"] for node in world.nodes()}
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 2, "nodeDeallocationOption": "terminate"})
    await world.pass_time(1)
    assert counts(world) == {"idle": 2, "leavingPool": 2, "total": 4}
    await world.pass_time(30)
    assert {node["id"] for node in world.nodes()} == before
    status = world.properties()["resizeOperationStatus"]
    assert (status["targetDedicatedNodes"], status["nodeDeallocationOption"]) == (2, "Terminate")
    assert world.properties()["scaleSettings"]["fixedScale"]["targetDedicatedNodes"] == 2


async def test_nodes_that_do_not_work_leave_first(world) -> None:
    """An unusable node goes before an idle one."""
    await world.pool(nodes=1)
    (good,) = world.nodes()
    world.machines.says = {"state": "error"}
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 2})
    await world.pass_time(30)
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 1})
    await world.pass_time(30)
    assert [node["id"] for node in world.nodes()] == [good["id"]]


@pytest.mark.parametrize("plane", ["arm", "data"])
async def test_a_resize_while_resizing_is_a_conflict(world, plane) -> None:
    """Both planes refuse it; the one under way goes on."""
    world.arm("PUT", "/pools/render", world.body(nodes=1))
    if plane == "arm":
        scale = {"fixedScale": {"targetDedicatedNodes": 3}}
        reply = world.arm("PATCH", "/pools/render", {"properties": {"scaleSettings": scale}})
        code = reply.body["error"]["code"]
    else:
        reply = world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 3})
        code = reply.body["code"]
    assert (reply.status, code) == (409, "PoolBeingResized")
    await world.pass_time(30)
    assert counts(world) == {"idle": 1, "total": 1}


async def test_a_stopped_resize_keeps_what_it_has(world) -> None:
    """Nodes not yet started are dropped, the target follows, and the errors say why."""
    world.arm("PUT", "/pools/render", world.body(nodes=3))
    await world.pass_time(1)
    stopped = world.arm("POST", "/pools/render/stopResize")
    assert stopped.status == 200
    assert stopped.body["properties"]["allocationState"] == "Stopping"
    assert stopped.body["properties"]["scaleSettings"]["fixedScale"]["targetDedicatedNodes"] == 0
    await world.pass_time(30)
    assert world.properties()["allocationState"] == "Steady"
    assert world.properties()["resizeOperationStatus"]["errors"][0]["code"] == "ResizeStopped"
    assert world.nodes() == []
    again = world.data("POST", "/pools/render/stopresize")
    assert (again.status, again.body["code"]) == (409, "OperationInvalidForCurrentState")


async def test_certain_nodes_can_be_removed(world) -> None:
    """removenodes lets exactly those go, and the target shrinks."""
    await world.pool(nodes=3)
    first, second, third = (node["id"] for node in world.nodes())
    assert world.data("POST", "/pools/render/removenodes", {"nodeList": [first, third]}).status == 202
    await world.pass_time(30)
    assert [node["id"] for node in world.nodes()] == [second]
    assert world.properties()["scaleSettings"]["fixedScale"]["targetDedicatedNodes"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "InvalidPropertyValue"),
        ({"nodeList": ["tvmps_0"]}, "NodeNotFound"),
        ({"nodeList": "all"}, "InvalidRequestBody"),
        ({"nodeList": [str(number) for number in range(101)]}, "InvalidPropertyValue"),
    ],
)
async def test_bad_removals_are_refused(world, body, code) -> None:
    """Nothing leaves when the list is wrong."""
    await world.pool()
    assert world.data("POST", "/pools/render/removenodes", body).body["code"] == code
    assert counts(world) == {"idle": 1, "total": 1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MissingRequiredProperty"),
        ({"targetDedicatedNodes": -1}, "InvalidPropertyValue"),
        ({"targetDedicatedNodes": "two"}, "InvalidRequestBody"),
        ({"targetDedicatedNodes": 2, "resizeTimeout": "PT4M"}, "InvalidPropertyValue"),
        ({"targetDedicatedNodes": 2, "nodeDeallocationOption": "gently"}, "InvalidPropertyValue"),
    ],
)
async def test_bad_resizes_are_refused(world, body, code) -> None:
    """The pool stays steady."""
    await world.pool()
    assert world.data("POST", "/pools/render/resize", body).body["code"] == code
    assert world.properties()["allocationState"] == "Steady"


async def test_spot_nodes_come_beside_dedicated_ones(world) -> None:
    """They are counted apart and marked as not dedicated."""
    scale = {"fixedScale": {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 2}}
    await world.pool(scaleSettings=scale)
    assert sorted(node["isDedicated"] for node in world.nodes()) == [False, False, True]
    shown = world.properties()
    assert (shown["currentDedicatedNodes"], shown["currentLowPriorityNodes"]) == (1, 2)


async def test_the_core_quota_ends_a_resize_with_an_error(world) -> None:
    """As many nodes come as there are cores; the error says that the quota is reached."""
    scale = {"fixedScale": {"targetDedicatedNodes": 200}}
    await world.pool(vmSize="STANDARD_D96S_V5", scaleSettings=scale, startTask=None)
    shown = world.properties()
    assert shown["currentDedicatedNodes"] == 10_000 // 96
    assert shown["resizeOperationStatus"]["errors"][0]["code"] == "AccountCoreQuotaReached"
    assert shown["allocationState"] == "Steady"


async def test_a_thousand_nodes_come_up_in_one_pool(world) -> None:
    """They become idle; lists come in pages; the service's own cost is a few seconds at most."""
    started = time.perf_counter()
    await world.pool(nodes=1000, seconds=30)
    assert counts(world) == {"idle": 1000, "total": 1000}
    page = world.data("GET", "/pools/render/nodes", maxresults="400").body
    assert len(page["value"]) == 400
    assert "odata.nextLink" in page
    assert len(world.nodes(_filter="state eq 'idle'", _select="id")) == 1000
    world.arm("DELETE", "/pools/render")
    await world.pass_time(30)
    assert world.machines.made == {}
    assert time.perf_counter() - started < 20
