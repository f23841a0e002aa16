"""Restarts, scheduling and removals of nodes, and what becomes of their tasks."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

WAYS = {"reboot": "rebooting", "reimage": "reimaging", "deallocate": "deallocating"}
OPTION = {
    "reboot": "nodeRebootOption",
    "reimage": "nodeReimageOption",
    "deallocate": "nodeDeallocateOption",
    "disablescheduling": "nodeDisableSchedulingOption",
}


def _state(world: Any, node: str) -> str:
    return str(world.show(node)["state"])


async def _busy(world: Any, **task: Any) -> tuple[str, str]:
    """A node and the task that runs on it."""
    node = await world.pool()
    return node, await world.task(await world.job(), "t1", "wait", **task)


@pytest.mark.parametrize("verb", WAYS)
@pytest.mark.parametrize(
    ("option", "state", "requeues"), [(None, "active", 1), ("Requeue", "active", 1), ("terminate", "completed", 0)]
)
async def test_a_restart_takes_the_tasks_from_the_node(
    world: Any, verb: str, option: str | None, state: str, requeues: int
) -> None:
    """By default they are requeued."""
    node, task = await _busy(world)
    machine = world.machine_of(node)
    assert world.data("POST", f"{node}/{verb}", {OPTION[verb]: option}).status == 202
    assert _state(world, node) == WAYS[verb]
    shown = world.show(task)
    assert (shown["state"], shown["executionInfo"]["requeueCount"]) == (state, requeues)
    if state == "completed":
        assert shown["executionInfo"]["failureInfo"]["code"] == "TaskEnded"
    await world.pass_time(30)
    assert machine.ended == ["workitems/job/job-1/t1"]
    assert _state(world, node) == {"deallocate": "deallocated"}.get(verb, "running" if state == "active" else "idle")


@pytest.mark.parametrize("verb", WAYS)
async def test_a_restart_can_wait_for_the_tasks(world: Any, verb: str) -> None:
    """Meanwhile the node takes no others."""
    node, task = await _busy(world)
    world.data("POST", f"{node}/{verb}", {OPTION[verb]: "taskCompletion"})
    other = await world.task("/jobs/job", "t2")
    await world.pass_time(3600)
    assert (_state(world, node), world.show(task)["state"]) == (WAYS[verb], "running")
    await world.let_go(node)
    assert world.show(task)["executionInfo"]["exitCode"] == 0
    await world.pass_time(30)
    assert _state(world, node) == ("deallocated" if verb == "deallocate" else "idle")
    assert world.show(other)["state"] == ("active" if verb == "deallocate" else "completed")


async def test_a_restart_can_wait_for_the_tasks_data(world: Any) -> None:
    """Until the retention time of all that ran there is over."""
    node = await world.pool()
    await world.task(await world.job(), "t1", constraints={"retentionTime": "PT1H"})
    world.data("POST", f"{node}/reimage", {"nodeReimageOption": "retaineddata"})
    await world.pass_time(3599)
    assert _state(world, node) == "reimaging"
    assert world.machine_of(node).calls.count("boot") == 1
    await world.pass_time(60)
    assert _state(world, node) == "idle"


@pytest.mark.parametrize("verb", OPTION)
async def test_an_unknown_option_is_refused(world: Any, verb: str) -> None:
    """And nothing happens to the node."""
    node = await world.pool()
    refused = world.data("POST", f"{node}/{verb}", {OPTION[verb]: "gently"})
    assert (refused.status, refused.body["code"]) == (400, "InvalidPropertyValue")
    assert _state(world, node) == "idle"


async def test_a_reboot_keeps_the_disk_and_the_users_and_a_reimage_does_not(world: Any) -> None:
    """A reimaged node has another machine below it."""
    node = await world.pool()
    world.data("POST", f"{node}/users", {"name": "ada", "password": "Ada-1815!"})
    machine = world.machine_of(node)
    world.data("POST", f"{node}/reboot")
    await world.pass_time(30)
    assert (world.machine_of(node) is machine, list(machine.users)) == (True, ["ada"])
    world.data("POST", f"{node}/reimage")
    await world.pass_time(30)
    assert machine.calls[-1] == "close wipe=True"
    assert list(world.machine_of(node).users) == []


async def test_a_deallocated_node_is_started_again(world: Any) -> None:
    """On the disk that it had; only such a node can be started."""
    node = await world.pool()
    assert world.data("POST", f"{node}/start").status == 409
    machine = world.machine_of(node)
    world.data("POST", f"{node}/deallocate")
    await world.pass_time(30)
    assert machine.calls[-1] == "close wipe=False"
    counts = world.data("GET", "/nodecounts").body["value"][0]["dedicated"]
    assert (counts["deallocated"], counts["idle"], counts["total"]) == (1, 0, 1)
    assert world.data("GET", f"{node}/files").status == 409
    assert world.data("POST", f"{node}/start").status == 202
    assert _state(world, node) == "starting"
    await world.pass_time(30)
    assert _state(world, node) == "idle"


@pytest.mark.parametrize(
    ("option", "task_state", "node_state"),
    [(None, "active", "offline"), ("terminate", "completed", "offline"), ("taskcompletion", "running", "running")],
)
async def test_a_disabled_node_is_offline_once_it_has_no_tasks(
    world: Any, option: str | None, task_state: str, node_state: str
) -> None:
    """Then it takes none until it is enabled, and no users."""
    node, task = await _busy(world)
    assert world.data("POST", f"{node}/disablescheduling", {OPTION["disablescheduling"]: option}).status == 200
    assert (world.show(task)["state"], _state(world, node)) == (task_state, node_state)
    again = world.data("POST", f"{node}/disablescheduling")
    assert (again.status, again.body["code"]) == (409, "NodeAlreadyInTargetSchedulingState")
    await world.let_go(node)
    assert _state(world, node) == "offline"
    assert world.data("POST", f"{node}/users", {"name": "ada", "password": "Ada-1815!"}).status == 409
    assert world.data("POST", f"{node}/enablescheduling").status == 200
    await world.pass_time(1)
    assert (world.show(task)["state"], _state(world, node)) == ("completed", "idle")


async def test_an_offline_node_stays_so_over_a_reboot(world: Any) -> None:
    """Scheduling is the node's, not the boot's."""
    node = await world.pool()
    world.data("POST", f"{node}/disablescheduling")
    world.data("POST", f"{node}/reboot")
    await world.pass_time(30)
    assert _state(world, node) == "offline"


@pytest.mark.parametrize("by", ["resize", "removenodes"])
async def test_a_pool_that_shrinks_can_wait_for_the_tasks(world: Any, by: str) -> None:
    """The nodes are leaving until then; idle ones go first in a resize."""
    await world.pool(nodes=3)
    nodes = [node["id"] for node in world.nodes()]
    busy = f"/pools/render/nodes/{nodes[2]}"
    affinity = {"affinityId": f"TVM:{nodes[2]}"}
    task = await world.task(await world.job(), "t1", "wait", affinityInfo=affinity)
    body = {"nodeDeallocationOption": "taskcompletion"}
    if by == "resize":
        world.data("POST", "/pools/render/resize", {**body, "targetDedicatedNodes": 1})
        await world.pass_time(30)
        assert {node["id"] for node in world.nodes()} == {nodes[2]}
        return
    world.data("POST", "/pools/render/removenodes", {**body, "nodeList": nodes[1:]})
    await world.pass_time(30)
    assert (_state(world, busy), world.show(task)["state"]) == ("leavingpool", "running")
    assert world.properties()["allocationState"] == "Resizing"
    await world.let_go(busy)
    await world.pass_time(30)
    assert [node["id"] for node in world.nodes()] == nodes[:1]
    assert world.properties()["allocationState"] == "Steady"
    assert world.show(task)["executionInfo"]["exitCode"] == 0


async def test_a_stopped_resize_keeps_the_nodes_that_wait_to_leave(world: Any) -> None:
    """They take tasks again."""
    node, task = await _busy(world)
    body = {"targetDedicatedNodes": 0, "nodeDeallocationOption": "taskcompletion"}
    world.data("POST", "/pools/render/resize", body)
    await world.pass_time(1)
    assert _state(world, node) == "leavingpool"
    assert world.data("POST", "/pools/render/stopresize").status == 202
    assert world.show("/pools/render")["allocationState"] == "stopping"
    await world.pass_time(1)
    pool = world.show("/pools/render")
    assert (pool["allocationState"], pool["targetDedicatedNodes"]) == ("steady", 1)
    assert pool["resizeErrors"][0]["code"] == "ResizeStopped"
    assert (_state(world, node), world.show(task)["state"]) == ("running", "running")
    await world.let_go(node)
    assert _state(world, node) == "idle"


async def test_a_deleted_pool_sends_its_tasks_back(world: Any) -> None:
    """Whatever waited to leave goes at once; a pool of the same name gets the tasks."""
    _, task = await _busy(world)
    body = {"targetDedicatedNodes": 0, "nodeDeallocationOption": "taskcompletion"}
    world.data("POST", "/pools/render/resize", body)
    await world.pass_time(1)
    world.data("DELETE", "/pools/render")
    await world.pass_time(30)
    assert world.data("GET", "/pools/render").status == 404
    assert world.show(task)["state"] == "active"
    await world.pool()
    assert world.show(task)["state"] == "running"


async def test_a_node_that_cannot_be_had_in_time_is_an_error_of_the_resize(world: Any) -> None:
    """For each kind of node its own; the node may still come."""
    world.machines.says = {"state": "transitioning"}
    fixed = {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 1, "resizeTimeout": "PT5M"}
    world.arm("PUT", "/pools/render", world.body(scaleSettings={"fixedScale": fixed}))
    await world.pass_time(301)
    pool = world.show("/pools/render")
    assert pool["allocationState"] == "steady"
    assert [(e["code"], e["message"].split()[3]) for e in pool["resizeErrors"]] == [
        ("AllocationTimedout", "dedicated"),
        ("AllocationTimedout", "low"),
    ]
