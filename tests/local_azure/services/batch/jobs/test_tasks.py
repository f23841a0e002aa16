"""Tasks over HTTP, on machines kept in memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def test_a_task_runs_and_tells_how_it_went(world: Any) -> None:
    """Its states, its node, its exit code; the node counts it."""
    node = await world.pool()
    task = world.show(await world.task(await world.job(), "t1"))
    assert (task["state"], task["previousState"]) == ("completed", "running")
    assert task["executionInfo"].items() >= {"exitCode": 0, "result": "success", "retryCount": 0}.items()
    assert "failureInfo" not in task["executionInfo"]
    info = task["nodeInfo"]
    assert f"/pools/render/nodes/{info['nodeId']}" == node
    assert info["taskRootDirectory"] == "workitems/job/job-1/t1"
    assert info["affinityId"] == world.show(node)["affinityId"]
    shown = world.show(node)
    assert (shown["state"], shown["totalTasksRun"], shown["totalTasksSucceeded"]) == ("idle", 1, 1)
    assert [(t["taskId"], t["taskState"]) for t in shown["recentTasks"]] == [("t1", "completed")]


async def test_a_task_gets_its_defaults_as_azure_shows_them(world: Any) -> None:
    """Constraints, slots and user as in the description's examples; retries as the job says."""
    await world.pool(nodes=0)
    job = await world.job(constraints={"maxTaskRetryCount": 2})
    task = world.show(await world.task(job, "t1"))
    assert task["constraints"] == {
        "maxWallClockTime": "P10675199DT2H48M5.4775807S",
        "retentionTime": "P7D",
        "maxTaskRetryCount": 2,
    }
    assert task["requiredSlots"] == 1
    assert task["userIdentity"] == {"autoUser": {"scope": "task", "elevationLevel": "nonadmin"}}
    assert task["executionInfo"] == {"retryCount": 0, "requeueCount": 0}
    assert (task["state"], "nodeInfo" in task, "previousState" in task) == ("active", False, False)


@pytest.mark.parametrize(
    ("identity", "user"),
    [
        (None, ("", False, False)),
        ({"autoUser": {}}, ("", False, True)),
        ({"autoUser": {"scope": "Task", "elevationLevel": "Admin"}}, ("", True, False)),
        ({"username": "ada"}, ("ada", False, False)),
    ],
)
async def test_a_task_runs_as_whom_it_names(world: Any, identity: Any, user: tuple[str, bool, bool]) -> None:
    """Without a word it has a user of its own; an auto user without a scope is the pool's."""
    node = await world.pool()
    await world.task(await world.job(), "t1", userIdentity=identity)
    ran = world.machine_of(node).tasks[0].user
    assert (ran.name, ran.admin, ran.shared) == user


async def test_a_task_has_its_own_environment_above_the_job_s(world: Any) -> None:
    """And Batch's variables of account, job, task and node."""
    node = await world.pool()
    job = await world.job(commonEnvironmentSettings=[{"name": "A", "value": "job"}, {"name": "B", "value": "job"}])
    await world.task(job, "t1", environmentSettings=[{"name": "A", "value": "task"}])
    variables = world.machine_of(node).tasks[0].environment
    assert variables == {
        "A": "task",
        "B": "job",
        "AZ_BATCH_ACCOUNT_URL": "https://batchcertlocal.westus2.batch.azure.com",
        "AZ_BATCH_JOB_ID": "job",
        "AZ_BATCH_TASK_ID": "t1",
        "AZ_BATCH_NODE_IS_DEDICATED": "true",
    }


@pytest.mark.parametrize(
    ("command", "extra", "code", "exit_code"),
    [
        ("exit 3", {}, "FailureExitCode", 3),
        ("missing", {}, "CommandProgramNotFound", None),
        ("exit 0", {"resourceFiles": [{"httpUrl": "https://s.test/x?sig=1"}]}, "BlobDownloadMiscError", None),
        (
            "exit 0",
            {
                "outputFiles": [
                    {
                        "filePattern": "*",
                        "destination": {"container": {"containerUrl": "https://s.test/c"}},
                        "uploadOptions": {"uploadCondition": "TaskSuccess"},
                    }
                ]
            },
            "FileUploadMiscError",
            0,
        ),
    ],
)
async def test_a_failure_has_a_code(
    world: Any, command: str, extra: dict[str, Any], code: str, exit_code: int | None
) -> None:
    """What could not start has no exit code; what is not to be had from storage says so."""
    await world.pool()
    execution = world.show(await world.task(await world.job(), "t1", command, **extra))["executionInfo"]
    assert execution["failureInfo"]["code"] == code
    assert (execution["result"], execution.get("exitCode")) == ("failure", exit_code)
    assert "sig=1" not in str(execution)


async def test_a_task_is_retried_as_often_as_it_may(world: Any) -> None:
    """Waiting in between, in state active; a command that cannot start is not retried."""
    node = await world.pool()
    job = await world.job()
    path = await world.task(job, "t1", "exit 1", constraints={"maxTaskRetryCount": 2})
    waiting = world.show(path)
    assert (waiting["state"], waiting["executionInfo"]["retryCount"]) == ("active", 1)
    assert "exitCode" not in waiting["executionInfo"]
    await world.pass_time(60)
    execution = world.show(path)["executionInfo"]
    assert (execution["retryCount"], execution["exitCode"]) == (2, 1)
    assert execution["lastRetryTime"] == execution["startTime"]
    await world.task(job, "t2", "missing", constraints={"maxTaskRetryCount": 2})
    await world.pass_time(60)
    assert [task.folder.rpartition("/")[2] for task in world.machine_of(node).tasks] == ["t1", "t1", "t1", "t2"]


async def test_endless_retries_cost_little_in_a_moved_year(world: Any) -> None:
    """The waits grow to an hour, and after 180 days the task is too old to run again."""
    node = await world.pool()
    path = await world.task(await world.job(), "t1", "exit 1", constraints={"maxTaskRetryCount": -1})
    await world.pass_time(365 * 86400)
    assert 24 * 179 < len(world.machine_of(node).tasks) < 24 * 185
    assert world.show(path)["state"] == "active"


async def test_a_task_is_ended_at_its_wall_clock_time(world: Any) -> None:
    """By the clock, with what it runs."""
    node = await world.pool()
    path = await world.task(await world.job(), "t1", "wait", constraints={"maxWallClockTime": "PT10M"})
    await world.pass_time(599)
    assert world.show(path)["state"] == "running"
    await world.pass_time(1)
    task = world.show(path)
    assert (task["state"], task["executionInfo"]["failureInfo"]["code"]) == ("completed", "TaskEnded")
    assert world.machine_of(node).ended == ["workitems/job/job-1/t1"]
    assert world.show(node)["state"] == "idle"


async def test_a_running_task_is_terminated(world: Any) -> None:
    """Once; and one that waits as well."""
    node = await world.pool()
    job = await world.job()
    running, waiting = await world.task(job, "t1", "wait"), await world.task(job, "t2")
    assert [world.show(path)["state"] for path in (running, waiting)] == ["running", "active"]
    assert world.show(node)["state"] == "running"
    for path in (waiting, running):
        assert world.data("POST", f"{path}/terminate").status == 204
        assert world.show(path)["executionInfo"]["failureInfo"]["code"] == "TaskEnded"
    refused = world.data("POST", f"{running}/terminate")
    assert (refused.status, refused.body["code"]) == (409, "TaskCompleted")
    await world.pass_time(0)
    assert world.machine_of(node).ended == ["workitems/job/job-1/t1"]
    assert "startTime" not in world.show(waiting)["executionInfo"]


async def test_a_failed_task_is_reactivated(world: Any) -> None:
    """With its counts at zero; one that succeeded or runs is not."""
    node = await world.pool()
    job = await world.job()
    failed = await world.task(job, "t1", "exit 1")
    good = await world.task(job, "t2")
    running = await world.task(job, "t3", "wait")
    assert world.data("POST", f"{failed}/reactivate").status == 204
    assert world.show(failed)["executionInfo"] == {"retryCount": 0, "requeueCount": 0}
    for path, code in ((good, "TaskSucceeded"), (running, "TaskNotCompleted")):
        refused = world.data("POST", f"{path}/reactivate")
        assert (refused.status, refused.body["code"]) == (409, code)
    await world.let_go(node)
    assert world.show(failed)["state"] == "completed"
    assert world.show(node)["totalTasksRun"] == 4


async def test_a_task_is_deleted_with_its_files(world: Any) -> None:
    """Also one that runs."""
    node = await world.pool()
    job = await world.job()
    path, running = await world.task(job, "t1"), await world.task(job, "t2", "wait")
    machine = world.machine_of(node)
    assert "workitems/job/job-1/t1/stdout.txt" in machine.content
    for task in (path, running):
        assert world.data("DELETE", task).status == 200
        lost = world.data("GET", task)
        assert (lost.status, lost.body["code"]) == (404, "TaskNotFound")
    await world.pass_time(0)
    assert [name for name in machine.content if name.startswith("workitems")] == []
    assert machine.ended == ["workitems/job/job-1/t2"]


async def test_constraints_are_updated(world: Any) -> None:
    """Those left out go back to their default; nothing of it once the task has ended."""
    await world.pool(nodes=0)
    path = await world.task(await world.job(), "t1")
    tag = world.show(path)["eTag"]
    assert (
        world.data("PUT", path, {"constraints": {"maxTaskRetryCount": 5}}, headers={"if-match": "0xBAD"}).status == 412
    )
    assert world.data("PUT", path, {"constraints": {"maxTaskRetryCount": 5}}, headers={"if-match": tag}).status == 200
    assert world.show(path)["constraints"]["maxTaskRetryCount"] == 5
    assert world.show(path)["eTag"] != tag
    world.data("POST", f"{path}/terminate")
    assert world.data("PUT", path, {}).body["code"] == "TaskCompleted"


async def test_a_collection_is_added_one_by_one(world: Any) -> None:
    """One that is refused says why and keeps none from being added."""
    await world.pool(nodes=0)
    job = await world.job()
    entries = [{"id": "a", "commandLine": "x"}, {"id": "A", "commandLine": "x"}, {"id": "c d", "commandLine": "x"}]
    reply = world.data("POST", f"{job}/addtaskcollection", {"value": entries})
    assert reply.status == 200
    assert [(r["status"], r["taskId"]) for r in reply.body["value"]] == [
        ("success", "a"),
        ("clienterror", "A"),
        ("clienterror", "c d"),
    ]
    assert [r["error"]["code"] for r in reply.body["value"][1:]] == ["TaskExists", "InvalidPropertyValue"]
    assert world.show(f"{job}/tasks/a")["eTag"] == reply.body["value"][0]["eTag"]
    many = [{"id": f"t{n}", "commandLine": "x"} for n in range(101)]
    assert world.data("POST", f"{job}/addtaskcollection", {"value": many}).status == 400


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": "t"}, "MissingRequiredProperty"),
        ({"commandLine": "x"}, "MissingRequiredProperty"),
        ({"id": "a b", "commandLine": "x"}, "InvalidPropertyValue"),
        ({"id": "t" * 65, "commandLine": "x"}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "requiredSlots": 257}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "constraints": {"maxTaskRetryCount": -2}}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "constraints": {"maxWallClockTime": "10m"}}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "userIdentity": {}}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "userIdentity": {"autoUser": {"scope": "job"}}}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "affinityInfo": {}}, "MissingRequiredProperty"),
        ({"id": "t", "commandLine": "x", "environmentSettings": [{"value": "1"}]}, "MissingRequiredProperty"),
        ({"id": "t", "commandLine": "x", "resourceFiles": [{"filePath": "x"}]}, "InvalidPropertyValue"),
        ({"id": "t", "commandLine": "x", "dependsOn": {"taskIds": ["a"]}}, "TaskDependenciesNotSpecifiedOnJob"),
        ({"id": "t", "commandLine": "x", "containerSettings": {"imageName": "i"}}, "UnsupportedProperty"),
        (
            {"id": "t", "commandLine": "x", "applicationPackageReferences": [{"applicationId": "a"}]},
            "InvalidApplicationPackageReferences",
        ),
        (
            {"id": "t", "commandLine": "x", "exitConditions": {"default": {"jobAction": "terminate"}}},
            "InvalidPropertyValue",
        ),
        ({"id": "PREP", "commandLine": "x"}, "TaskIdSameAsJobPreparationTask"),
        ({"id": "jobrelease", "commandLine": "x"}, "TaskIdSameAsJobReleaseTask"),
    ],
)
async def test_a_bad_task_is_refused(world: Any, body: dict[str, Any], code: str) -> None:
    """With the code that Batch has for it."""
    await world.pool(nodes=0)
    job = await world.job(jobPreparationTask={"id": "prep", "commandLine": "x"}, jobReleaseTask={"commandLine": "x"})
    refused = world.data("POST", f"{job}/tasks", body)
    assert refused.body["code"] == code
    assert refused.status == (409 if code.startswith(("TaskId", "InvalidApplication")) else 400)


async def test_tasks_are_listed_and_counted(world: Any) -> None:
    """Filtered, selected, in pages; what is being prepared counts as running."""
    await world.pool()
    job = await world.job()
    for name, command in (("t1", "exit 0"), ("t2", "exit 1"), ("t3", "wait"), ("t4", "exit 0")):
        await world.task(job, name, command, requiredSlots=1)
    done = world.data("GET", f"{job}/tasks", _filter="state eq 'completed'", _select="id,state").body["value"]
    assert done == [{"id": "t1", "state": "completed"}, {"id": "t2", "state": "completed"}]
    page = world.data("GET", f"{job}/tasks", maxresults="3").body
    assert (len(page["value"]), "odata.nextLink" in page) == (3, True)
    counts = world.show(f"{job}/taskcounts")
    assert counts["taskCounts"] == {"active": 1, "running": 1, "completed": 2, "succeeded": 1, "failed": 1}
    assert counts["taskSlotCounts"] == counts["taskCounts"]
    assert world.show(f"{job}/tasks/t1/subtasksinfo")["value"] == []


async def test_a_machine_that_breaks_under_a_task_sends_it_back(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs again; nobody asked for that, so it is no requeue."""
    node = await world.pool()
    machine, broken = world.machine_of(node), [OSError("gone")]
    run_task = machine.run_task

    async def breaks_once(task: Any) -> Any:
        await asyncio.sleep(0)
        if broken:
            raise broken.pop()
        return await run_task(task)

    monkeypatch.setattr(machine, "run_task", breaks_once)
    path = await world.task(await world.job(), "t1")
    await world.pass_time(5)
    assert world.show(path)["executionInfo"].items() >= {"exitCode": 0, "requeueCount": 0}.items()
