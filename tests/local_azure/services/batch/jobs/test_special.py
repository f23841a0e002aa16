"""Job preparation and release, on machines kept in memory."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

STATUS = "jobpreparationandreleasetaskstatus"


def _prepared(command: str = "exit 0", **properties: Any) -> dict[str, Any]:
    return {"jobPreparationTask": {"commandLine": command, **properties}}


def _ran(world: Any, node: str) -> list[str]:
    return [task.folder.rpartition("/")[2] for task in world.machine_of(node).tasks]


async def test_a_node_is_prepared_before_the_first_task(world: Any) -> None:
    """Once, however many tasks follow; then each task finds the preparation's folder."""
    node = await world.pool(taskSlotsPerNode=2)
    job = await world.job(**_prepared())
    for name in "ab":
        await world.task(job, name)
    assert _ran(world, node) == ["jobpreparation", "a", "b"]
    assert [task.preparation for task in world.machine_of(node).tasks] == [
        "",
        *["workitems/job/job-1/jobpreparation"] * 2,
    ]
    (status,) = world.show(f"{job}/{STATUS}")["value"]
    assert f"/pools/render/nodes/{status['nodeId']}" == node
    info = status["jobPreparationTaskExecutionInfo"]
    assert info.items() >= {"state": "completed", "exitCode": 0, "retryCount": 0, "result": "success"}.items()
    assert "jobReleaseTaskExecutionInfo" not in status


async def test_a_task_is_preparing_while_its_node_is(world: Any) -> None:
    """Two tasks wait for one preparation; both count as running."""
    node = await world.pool(taskSlotsPerNode=2)
    job = await world.job(**_prepared("wait"))
    paths = [await world.task(job, name) for name in "ab"]
    assert [world.show(path)["state"] for path in paths] == ["preparing", "preparing"]
    assert "startTime" not in world.show(paths[0])["executionInfo"]
    assert world.show(f"{job}/taskcounts")["taskCounts"]["running"] == 2
    assert world.show(f"{job}/{STATUS}")["value"][0]["jobPreparationTaskExecutionInfo"]["state"] == "running"
    await world.let_go(node)
    assert [world.show(path)["state"] for path in paths] == ["completed", "completed"]
    assert _ran(world, node) == ["jobpreparation", "a", "b"]


async def test_a_preparation_that_need_not_succeed_is_not_waited_for(world: Any) -> None:
    """Nor does its failure keep tasks away."""
    node = await world.pool()
    job = await world.job(**_prepared("exit 1", waitForSuccess=False))
    for name in "ab":
        assert world.show(await world.task(job, name))["state"] == "completed"
    assert "jobpreparation" in _ran(world, node)


async def test_where_the_preparation_fails_no_task_of_the_job_runs(world: Any) -> None:
    """After its retries; the node still serves other jobs, and this one again after a reimage."""
    node = await world.pool()
    job = await world.job(**_prepared("exit 1", constraints={"maxTaskRetryCount": 2}))
    path = await world.task(job, "a")
    await world.pass_time(60)
    assert _ran(world, node) == ["jobpreparation"] * 3
    assert world.show(path)["state"] == "active"
    info = world.show(f"{job}/{STATUS}")["value"][0]["jobPreparationTaskExecutionInfo"]
    assert (info["retryCount"], info["failureInfo"]["code"]) == (2, "FailureExitCode")
    assert world.show(await world.task(await world.job("other"), "b"))["state"] == "completed"
    world.data("POST", f"{node}/reimage")
    await world.pass_time(60)
    assert _ran(world, node)[:1] == ["jobpreparation"]


@pytest.mark.parametrize(
    ("verb", "rerun", "again"),
    [("reboot", True, True), ("reboot", False, False), ("reimage", True, True), ("reimage", False, True)],
)
async def test_a_restarted_node_is_prepared_again(world: Any, verb: str, rerun: bool, again: bool) -> None:
    """After a reboot where the job wants that, after a reimage always."""
    node = await world.pool()
    job = await world.job(**_prepared(rerunOnNodeRebootAfterSuccess=rerun))
    await world.task(job, "a")
    world.data("POST", f"{node}/{verb}")
    await world.pass_time(60)
    before = len(_ran(world, node))
    await world.task(job, "b")
    assert _ran(world, node)[before:] == (["jobpreparation", "b"] if again else ["b"])


async def test_the_release_runs_when_the_job_ends(world: Any) -> None:
    """On the nodes that were prepared; the job is completed after it."""
    await world.pool(nodes=2)
    nodes = [f"/pools/render/nodes/{node['id']}" for node in world.nodes()]
    job = await world.job(**_prepared(), jobReleaseTask={"id": "tidy", "commandLine": "wait"})
    await world.task(job, "a")
    world.data("POST", f"{job}/terminate")
    await world.pass_time(1)
    assert world.show(job)["state"] == "terminating"
    (status,) = world.show(f"{job}/{STATUS}")["value"]
    assert status["jobReleaseTaskExecutionInfo"]["state"] == "running"
    assert [_ran(world, node)[-1:] for node in nodes] == [["tidy"], []]
    await world.let_go(nodes[0])
    assert world.show(job)["state"] == "completed"
    info = world.show(f"{job}/{STATUS}")["value"][0]["jobReleaseTaskExecutionInfo"]
    assert info.items() >= {"state": "completed", "exitCode": 0, "result": "success"}.items()
    assert "retryCount" not in info


async def test_a_release_has_fifteen_minutes(world: Any) -> None:
    """Then it is ended, and the job is done; it cannot ask for more."""
    node = await world.pool()
    job = await world.job(**_prepared(), jobReleaseTask={"commandLine": "wait"})
    await world.task(job, "a")
    world.data("POST", f"{job}/terminate")
    await world.pass_time(899)
    assert world.show(job)["state"] == "terminating"
    await world.pass_time(2)
    assert world.show(job)["state"] == "completed"
    info = world.show(f"{job}/{STATUS}")["value"][0]["jobReleaseTaskExecutionInfo"]
    assert (info["result"], info["failureInfo"]["code"]) == ("failure", "TaskEnded")
    assert world.machine_of(node).ended == ["workitems/job/job-1/jobrelease"]
    long = {"commandLine": "x", "maxWallClockTime": "PT16M"}
    refused = world.data(
        "POST", "/jobs", {"id": "j", "poolInfo": {"poolId": "render"}, **_prepared(), "jobReleaseTask": long}
    )
    assert (refused.status, refused.body["code"]) == (400, "InvalidPropertyValue")


async def test_a_reimaged_node_needs_no_release(world: Any) -> None:
    """What was prepared is gone."""
    node = await world.pool()
    job = await world.job(**_prepared(), jobReleaseTask={"commandLine": "x"})
    await world.task(job, "a")
    world.data("POST", f"{node}/reimage")
    await world.pass_time(60)
    world.data("POST", f"{job}/terminate")
    await world.pass_time(1)
    assert world.show(job)["state"] == "completed"
    assert "jobrelease" not in _ran(world, node)


async def test_a_job_without_preparation_has_no_status(world: Any) -> None:
    """409, as the description says."""
    job = await world.job()
    refused = world.data("GET", f"{job}/{STATUS}")
    assert (refused.status, refused.body["code"]) == (409, "JobPreparationTaskNotSpecified")
