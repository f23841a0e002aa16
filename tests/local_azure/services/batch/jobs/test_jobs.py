"""Jobs over HTTP, on machines kept in memory."""

from __future__ import annotations

from typing import Any

import pytest

from local_azure.services.batch.state.accounts import Quotas

pytestmark = pytest.mark.anyio


async def test_a_job_is_shown_with_its_defaults(world: Any) -> None:
    """As in the description's example; a pool that does not exist is no reason to refuse it."""
    shown = world.show(await world.job())
    assert shown["url"] == "https://batchcertlocal.westus2.batch.azure.com/jobs/job"
    assert shown["executionInfo"] == {"startTime": shown["creationTime"], "poolId": "render"}
    wanted = {
        "id": "job",
        "state": "active",
        "priority": 0,
        "maxParallelTasks": -1,
        "allowTaskPreemption": False,
        "usesTaskDependencies": False,
        "constraints": {"maxWallClockTime": "P10675199DT2H48M5.4775807S", "maxTaskRetryCount": 0},
        "poolInfo": {"poolId": "render"},
        "onAllTasksComplete": "noaction",
        "onTaskFailure": "noaction",
    }
    assert shown.items() >= wanted.items()
    assert "previousState" not in shown


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"poolInfo": {"poolId": "p"}}, "MissingRequiredProperty"),
        ({"id": "a/b", "poolInfo": {"poolId": "p"}}, "InvalidPropertyValue"),
        ({"id": "j"}, "MissingRequiredProperty"),
        ({"id": "j", "poolInfo": {}}, "MissingRequiredProperty"),
        ({"id": "j", "poolInfo": {"autoPoolSpecification": {"poolLifetimeOption": "job"}}}, "UnsupportedProperty"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "priority": 1001}, "InvalidPropertyValue"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "priority": "high"}, "InvalidRequestBody"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "maxParallelTasks": 0}, "InvalidPropertyValue"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "onAllTasksComplete": "explode"}, "InvalidPropertyValue"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "jobReleaseTask": {"commandLine": "x"}}, "InvalidPropertyValue"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "jobPreparationTask": {}}, "MissingRequiredProperty"),
        ({"id": "j", "poolInfo": {"poolId": "p"}, "metadata": [{"name": "a"}]}, "MissingRequiredProperty"),
        ({"id": "JOB", "poolInfo": {"poolId": "p"}}, "JobExists"),
    ],
)
async def test_a_bad_job_is_refused(world: Any, body: dict[str, Any], code: str) -> None:
    """With the code that Batch has for it; ids are compared without case."""
    await world.job()
    refused = world.data("POST", "/jobs", body)
    assert (refused.status, refused.body["code"]) == (409 if code == "JobExists" else 400, code)


async def test_an_account_has_a_quota_of_active_jobs(world: Any) -> None:
    """One that has ended does not count."""
    world.batch.levers.set_quotas("batchcertlocal", Quotas(jobs=2))
    for number in range(2):
        await world.job(f"job{number}")
    refused = world.data("POST", "/jobs", {"id": "more", "poolInfo": {"poolId": "p"}})
    assert (refused.status, refused.body["code"]) == (409, "ActiveJobAndScheduleQuotaReached")
    world.data("POST", "/jobs/job0/terminate")
    await world.pass_time(1)
    assert world.data("POST", "/jobs", {"id": "more", "poolInfo": {"poolId": "p"}}).status == 201


async def test_a_patch_changes_what_it_gives_and_an_update_all(world: Any) -> None:
    """Under the caller's condition."""
    path = await world.job(priority=5, metadata=[{"name": "a", "value": "b"}])
    tag = world.show(path)["eTag"]
    assert world.data("PATCH", path, {"priority": 7}, headers={"if-match": "0x1"}).status == 412
    assert world.data("PATCH", path, {"constraints": {"maxTaskRetryCount": 3}}, headers={"if-match": tag}).status == 200
    patched = world.show(path)
    assert (patched["priority"], patched["constraints"]["maxTaskRetryCount"]) == (5, 3)
    assert patched["metadata"] == [{"name": "a", "value": "b"}]
    assert world.data("PUT", path, {"poolInfo": {"poolId": "render"}, "priority": 9}).status == 200
    replaced = world.show(path)
    assert (replaced["priority"], replaced["constraints"]["maxTaskRetryCount"]) == (9, 0)
    assert "metadata" not in replaced


async def test_the_pool_of_a_job_changes_only_while_it_is_disabled(world: Any) -> None:
    """The tasks then run on the other pool."""
    await world.pool("render", nodes=0)
    node = await world.pool("other")
    path = await world.job()
    task = await world.task(path, "t1")
    refused = world.data("PATCH", path, {"poolInfo": {"poolId": "other"}})
    assert (refused.status, refused.body["code"]) == (400, "InvalidPropertyValue")
    world.data("POST", f"{path}/disable", {"disableTasks": "requeue"})
    await world.pass_time(1)
    assert world.data("PATCH", path, {"poolInfo": {"poolId": "other"}}).status == 200
    world.data("POST", f"{path}/enable")
    await world.pass_time(1)
    assert world.show(task)["nodeInfo"]["nodeId"] == node.rpartition("/")[2]


@pytest.mark.parametrize(
    ("option", "running", "waiting"),
    [("requeue", "active", "active"), ("terminate", "completed", "active"), ("wait", "running", "active")],
)
async def test_a_disabled_job_begins_no_task(world: Any, option: str, running: str, waiting: str) -> None:
    """What becomes of those that run, the caller says."""
    node = await world.pool()
    path = await world.job()
    first, second = await world.task(path, "t1", "wait"), await world.task(path, "t2")
    assert world.data("POST", f"{path}/disable", {"disableTasks": option}).status == 202
    assert world.show(path)["state"] == "disabling"
    await world.pass_time(1)
    assert world.show(path)["state"] == ("disabling" if option == "wait" else "disabled")
    assert [world.show(task)["state"] for task in (first, second)] == [running, waiting]
    assert world.show(first)["executionInfo"]["requeueCount"] == (1 if option == "requeue" else 0)
    await world.let_go(node)
    assert world.show(path)["state"] == "disabled"
    assert world.show(second)["state"] == "active"
    assert world.data("POST", f"{path}/enable").status == 202
    await world.pass_time(1)
    assert world.show(path)["state"] == "active"
    assert [world.show(task)["state"] for task in (first, second)] == ["completed", "completed"]


async def test_a_terminated_job_ends_what_runs_and_takes_no_more(world: Any) -> None:
    """Tasks that waited stay active for ever."""
    node = await world.pool()
    path = await world.job()
    first, second = await world.task(path, "t1", "wait"), await world.task(path, "t2")
    assert world.data("POST", f"{path}/terminate", {"terminateReason": "enough"}).status == 202
    assert world.show(path)["state"] == "terminating"
    await world.pass_time(1)
    job = world.show(path)
    assert (job["state"], job["executionInfo"]["terminateReason"]) == ("completed", "enough")
    assert job["executionInfo"]["endTime"] == job["stateTransitionTime"]
    assert [world.show(task)["state"] for task in (first, second)] == ["completed", "active"]
    assert world.machine_of(node).ended == ["workitems/job/job-1/t1"]
    for verb, suffix, body in (
        ("POST", "/tasks", {"id": "t3", "commandLine": "x"}),
        ("POST", "/disable", {"disableTasks": "wait"}),
        ("POST", "/enable", None),
        ("POST", "/terminate", None),
        ("PATCH", "", {"priority": 1}),
        ("POST", "/tasks/t1/reactivate", None),
    ):
        refused = world.data(verb, path + suffix, body)
        assert (refused.status, refused.body["code"]) == (409, "JobCompleted")


async def test_a_deleted_job_goes_with_its_tasks_and_files(world: Any) -> None:
    """Whatever state it was in; its name is free again."""
    node = await world.pool()
    machine = world.machine_of(node)
    for end_first in (True, False):
        path = await world.job()
        await world.task(path, "t1")
        await world.task(path, "t2", "wait")
        if end_first:
            world.data("POST", f"{path}/terminate")
            await world.pass_time(1)
        assert world.data("DELETE", path).status == 202
        going = world.data("DELETE", path)
        assert (going.status, going.body["code"]) == (409, "JobBeingDeleted")
        await world.pass_time(1)
        assert world.data("GET", path).body["code"] == "JobNotFound"
        assert [name for name in machine.content if name.startswith("workitems")] == []
    assert world.show(node)["state"] == "idle"


async def test_a_job_ends_at_its_wall_clock_time(world: Any) -> None:
    """Unless it was given more meanwhile."""
    await world.pool()
    path = await world.job(constraints={"maxWallClockTime": "PT1H"})
    task = await world.task(path, "t1", "wait")
    world.data("PATCH", path, {"constraints": {"maxWallClockTime": "PT2H"}})
    await world.pass_time(3600)
    assert world.show(path)["state"] == "active"
    await world.pass_time(3600)
    assert world.show(path)["executionInfo"]["terminateReason"] == "MaxWallClockTimeExpiry"
    assert world.show(task)["state"] == "completed"


async def test_a_job_ends_with_its_last_task_where_it_is_told_to(world: Any) -> None:
    """At once where all are completed already; and it cannot be told otherwise any more."""
    node = await world.pool()
    path = await world.job()
    await world.task(path, "t1")
    await world.task(path, "t2", "wait")
    assert world.data("PATCH", path, {"onAllTasksComplete": "terminateJob"}).status == 200
    back = world.data("PATCH", path, {"onAllTasksComplete": "noaction"})
    assert (back.status, back.body["code"]) == (400, "InvalidPropertyValue")
    assert world.show(path)["state"] == "active"
    await world.let_go(node)
    job = world.show(path)
    assert (job["state"], job["executionInfo"]["terminateReason"]) == ("completed", "AllTasksComplete")
    empty = await world.job("empty", onAllTasksComplete="terminatejob")
    await world.pass_time(1)
    assert world.show(empty)["state"] == "completed"


@pytest.mark.parametrize(
    ("options", "state", "reason"),
    [
        ({"exitCodes": [{"code": 3, "exitOptions": {"jobAction": "none"}}]}, "active", None),
        ({"exitCodes": [{"code": 3, "exitOptions": {"jobAction": "disable"}}]}, "disabled", None),
        ({"exitCodeRanges": [{"start": 2, "end": 4, "exitOptions": {}}]}, "completed", "TaskFailed"),
        ({}, "completed", "TaskFailed"),
    ],
)
async def test_a_failed_task_acts_on_its_job(
    world: Any, options: dict[str, Any], state: str, reason: str | None
) -> None:
    """As its exit conditions say; by default it ends the job."""
    await world.pool()
    path = await world.job(onTaskFailure="performExitOptionsJobAction")
    await world.task(path, "good", "exit 0")
    await world.task(path, "bad", "exit 3", exitConditions=options)
    await world.pass_time(1)
    job = world.show(path)
    assert (job["state"], job["executionInfo"].get("terminateReason")) == (state, reason)


@pytest.mark.parametrize(("kills", "state"), [(None, "completed"), (False, "active")])
async def test_a_job_manager_is_the_first_task(world: Any, kills: bool | None, state: str) -> None:
    """Batch adds it; by default its end is the job's."""
    node = await world.pool()
    manager = {"id": "boss", "commandLine": "wait", "killJobOnCompletion": kills}
    path = await world.job(jobManagerTask=manager)
    assert world.show(f"{path}/tasks/boss")["state"] == "running"
    assert "killJobOnCompletion" not in world.show(f"{path}/tasks/boss")
    await world.let_go(node)
    assert world.show(path)["state"] == state


async def test_a_restart_takes_up_what_ran(world: Any, new_world: Any) -> None:
    """A task that was running runs again; a job on its way arrives."""
    await world.pool()
    running = await world.job("running")
    task = await world.task(running, "t1", "wait")
    stopping = await world.job("stopping")
    world.batch.work.jobs.get(world.batch.accounts.find("batchcertlocal"), "stopping").state = "disabling"
    state = world.batch.state
    await world.batch.close()
    assert world.show(task)["state"] == "running"
    again = new_world(state)
    for machine in again.machines.made.values():
        machine.go.set()
    await again.batch.resume()
    for machine in again.machines.made.values():
        machine.go.set()
    await again.pass_time(1)
    assert again.show(task)["executionInfo"].items() >= {"exitCode": 0, "requeueCount": 0}.items()
    assert again.show(stopping)["state"] == "disabled"
