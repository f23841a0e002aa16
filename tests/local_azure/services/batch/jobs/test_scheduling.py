"""Which task goes where, and when."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def _places(world: Any, job: str) -> dict[str, int]:
    """The index of the node that each running task of *job* is on."""
    order = {node["id"]: at for at, node in enumerate(world.nodes())}
    tasks = world.data("GET", f"{job}/tasks").body["value"]
    return {task["id"]: order[task["nodeInfo"]["nodeId"]] for task in tasks if task["state"] == "running"}


@pytest.mark.parametrize(
    ("fill", "places"),
    [("Spread", {"a": 0, "b": 1, "c": 0, "d": 1}), ("Pack", {"a": 0, "b": 0, "c": 1, "d": 1})],
)
async def test_tasks_are_spread_or_packed(world: Any, fill: str, places: dict[str, int]) -> None:
    """Over nodes with two task slots each; the fifth waits."""
    await world.pool(nodes=2, taskSlotsPerNode=2, taskSchedulingPolicy={"nodeFillType": fill})
    job = await world.job()
    for name in "abcde":
        await world.task(job, name, "wait")
    assert await _places(world, job) == places
    node = world.nodes()[0]
    assert (node["state"], node["runningTasksCount"], node["runningTaskSlotsCount"]) == ("running", 2, 2)


async def test_a_task_takes_the_slots_it_needs(world: Any) -> None:
    """One that needs more than are free lets smaller ones go first."""
    await world.pool(taskSlotsPerNode=3)
    job = await world.job()
    for name, slots in (("two", 2), ("big", 2), ("one", 1)):
        await world.task(job, name, "wait", requiredSlots=slots)
    assert set(await _places(world, job)) == {"two", "one"}
    counts = world.show(f"{job}/taskcounts")
    assert (counts["taskSlotCounts"]["running"], counts["taskSlotCounts"]["active"]) == (3, 2)


async def test_a_task_goes_to_the_node_it_wants_to_be_on(world: Any) -> None:
    """By the node's affinity id, or that of an earlier task; where the node is busy, to another."""
    await world.pool(nodes=3)
    job = await world.job()
    third = world.nodes()[2]
    await world.task(job, "a", "wait", affinityInfo={"affinityId": third["affinityId"]})
    await world.task(job, "b", "wait", affinityInfo={"affinityId": third["affinityId"]})
    assert await _places(world, job) == {"a": 2, "b": 0}
    done = world.show(await world.task(job, "c"))
    await world.task(job, "d", "wait", affinityInfo={"affinityId": done["nodeInfo"]["affinityId"]})
    assert (await _places(world, job))["d"] == 1


async def test_a_job_of_higher_priority_goes_first(world: Any) -> None:
    """Then the older job, then the older task."""
    node = await world.pool()
    jobs = [await world.job("low", priority=-5), await world.job("normal"), await world.job("high", priority=5)]
    first = await world.task(jobs[0], "blocks", "wait")
    for job in jobs:
        for name in "ab":
            await world.task(job, name)
    await world.let_go(node)
    await world.pass_time(1)
    ran = [task.folder.removeprefix("workitems/") for task in world.machine_of(node).tasks[1:]]
    assert ran == [f"{job}/job-1/{name}" for job in ("high", "normal", "low") for name in "ab"]
    assert world.show(first)["state"] == "completed"


async def test_a_job_runs_no_more_tasks_at_a_time_than_it_may(world: Any) -> None:
    """maxParallelTasks."""
    await world.pool(nodes=3)
    job = await world.job(maxParallelTasks=2)
    for name in "abc":
        await world.task(job, name, "wait")
    assert set(await _places(world, job)) == {"a", "b"}


async def test_a_task_waits_for_those_it_depends_on(world: Any) -> None:
    """By name or in a range of numbers; for one that failed it waits for ever, unless its end is declared good."""
    await world.pool(nodes=2)
    job = await world.job(usesTaskDependencies=True)
    states = {}
    for name, depends in (
        ("all", {"taskIds": ["x"], "taskIdRanges": [{"start": 1, "end": 3}]}),
        ("bad", {"taskIds": ["fails"]}),
        ("good", {"taskIds": ["fails-well"]}),
        ("never", {"taskIds": ["unknown"]}),
    ):
        states[name] = await world.task(job, name, dependsOn=depends)
    for name in ("x", "1", "2"):
        await world.task(job, name)
    assert [world.show(path)["state"] for path in states.values()] == ["active"] * 4
    await world.task(job, "3")
    await world.task(job, "fails", "exit 1")
    satisfied = {"default": {"dependencyAction": "satisfy"}}
    await world.task(job, "fails-well", "exit 1", exitConditions=satisfied)
    await world.pass_time(1)
    assert [world.show(path)["state"] for path in states.values()] == ["completed", "active", "completed", "active"]


async def test_tasks_wait_until_there_is_a_node(world: Any) -> None:
    """The pool may come later than the job, and its nodes later still."""
    job = await world.job()
    path = await world.task(job, "t1")
    assert world.show(path)["state"] == "active"
    await world.pool(nodes=0)
    assert world.show(path)["state"] == "active"
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 1})
    await world.pass_time(60)
    assert world.show(path)["state"] == "completed"


async def test_a_disabled_node_takes_no_task(world: Any) -> None:
    """Until it is enabled again."""
    node = await world.pool()
    assert world.data("POST", f"{node}/disablescheduling").status == 200
    path = await world.task(await world.job(), "t1")
    assert world.show(path)["state"] == "active"
    assert world.data("POST", f"{node}/enablescheduling").status == 200
    await world.pass_time(1)
    assert world.show(path)["state"] == "completed"


async def test_a_job_manager_may_want_a_node_for_itself(world: Any) -> None:
    """And no Spot node."""
    fixed = {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 1}
    await world.pool(scaleSettings={"fixedScale": fixed}, taskSlotsPerNode=2)
    boss = {"id": "boss", "commandLine": "wait", "allowLowPriorityNode": False}
    job = await world.job(jobManagerTask=boss)
    for name in "abc":
        await world.task(job, name, "wait")
    places = await _places(world, job)
    dedicated = [at for at, node in enumerate(world.nodes()) if node["isDedicated"]]
    assert places["boss"] == dedicated[0]
    assert set(places) == {"boss", "a", "b"}
    assert places["a"] == places["b"] != places["boss"]
