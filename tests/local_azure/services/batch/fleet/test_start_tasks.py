"""Start tasks: retries, waiting for success or not."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


def _task(**changes: Any) -> dict[str, Any]:
    return {"commandLine": "/bin/prepare", "maxTaskRetryCount": 2, **changes}


async def test_a_start_task_is_retried_until_it_succeeds(world: Any) -> None:
    """The node waits for it meanwhile, and tells of each attempt."""
    world.machines.exit_codes = [1, 1, 0]
    node = await world.pool(seconds=10, startTask=_task())
    shown = world.show(node)
    assert shown["state"] == "waitingforstarttask"
    info = shown["startTaskInfo"]
    assert (info["state"], info["retryCount"], "endTime" in info, "exitCode" in info) == ("running", 0, True, False)
    await world.pass_time(60)
    shown = world.show(node)
    assert (shown["state"], shown["startTaskInfo"]["retryCount"]) == ("idle", 2)
    assert shown["startTaskInfo"]["result"] == "success"
    assert shown["startTaskInfo"]["lastRetryTime"] == shown["startTaskInfo"]["startTime"]


async def test_a_start_task_that_keeps_failing_ends_in_starttaskfailed(world: Any) -> None:
    """Such a node runs no tasks and takes no users; a reboot gives it another chance."""
    world.machines.exit_codes = [1, 1, 1, 0]
    node = await world.pool(startTask=_task())
    task = await world.task(await world.job(), "t1")
    shown = world.show(node)
    assert (shown["state"], shown["startTaskInfo"]["retryCount"]) == ("starttaskfailed", 2)
    info = shown["startTaskInfo"]
    assert (info["result"], info["exitCode"], info["failureInfo"]["code"]) == ("failure", 1, "FailureExitCode")
    assert world.show(task)["state"] == "active"
    assert world.data("POST", f"{node}/users", {"name": "ada", "password": "Ada-1815!"}).status == 409
    assert world.data("POST", f"{node}/reboot").status == 202
    await world.pass_time(60)
    assert (world.show(node)["state"], world.show(task)["state"]) == ("idle", "completed")
    assert world.show(node)["startTaskInfo"]["retryCount"] == 0


async def test_a_start_task_that_nobody_waits_for(world: Any) -> None:
    """The node is idle, and runs tasks, while it is retried; it stays so when it has failed."""
    world.machines.exit_codes = [1] * 10
    node = await world.pool(seconds=10, startTask=_task(waitForSuccess=False))
    assert world.show(node)["state"] == "idle"
    await world.task(await world.job(), "t1", "wait")
    assert (world.show(node)["state"], world.show(node)["startTaskInfo"]["state"]) == ("running", "running")
    await world.pass_time(60)
    shown = world.show(node)
    assert shown["state"] == "running"
    assert (shown["startTaskInfo"]["result"], shown["startTaskInfo"]["retryCount"]) == ("failure", 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"commandLine": "missing"}, "CommandProgramNotFound"),
        ({"resourceFiles": [{"httpUrl": "https://s.test/x?sig=1", "filePath": "x"}]}, "BlobDownloadMiscError"),
    ],
)
@pytest.mark.parametrize(("waits", "state"), [(True, "starttaskfailed"), (False, "idle")])
async def test_a_start_task_that_cannot_begin_is_not_retried(
    world: Any, changes: dict[str, Any], code: str, waits: bool, state: str
) -> None:
    """It has no exit code, and says why; no storage answers here, so that resource files are not to be had."""
    node = await world.pool(startTask=_task(waitForSuccess=waits, **changes))
    shown = world.show(node)
    info = shown["startTaskInfo"]
    assert (shown["state"], info["state"], info["result"], info["retryCount"]) == (state, "completed", "failure", 0)
    assert (info["failureInfo"]["code"], "exitCode" in info) == (code, False)


async def test_endless_retries_cost_little_in_a_moved_year(world: Any) -> None:
    """The waits grow to an hour."""
    world.machines.exit_codes = [1] * 100_000
    await world.pool(seconds=365 * 86400, startTask=_task(maxTaskRetryCount=-1))
    assert 8000 < len(world.machines.only().calls) < 9500


async def test_a_start_task_runs_as_an_account_of_the_pool(world: Any) -> None:
    """Where it names one; in the data plane the property is called otherwise."""
    account = {"name": "grace", "password": "Ada-1815!", "elevationLevel": "Admin"}
    node = await world.pool(startTask=_task(userIdentity={"userName": "grace"}), userAccounts=[account])
    assert world.show(node)["startTask"]["userIdentity"] == {"username": "grace"}
    assert world.arm("GET", "/pools/render").body["properties"]["startTask"]["userIdentity"] == {"userName": "grace"}
    machine = world.machine_of(node)
    assert machine.start_tasks[0].user == "grace"
    assert machine.users["grace"].admin is True


async def test_a_start_task_that_ran_when_the_process_ended_runs_again(world: Any, new_world: Any) -> None:
    """Also one that nobody waits for."""
    await world.pool(startTask=_task(waitForSuccess=False))
    (node,) = world.batch.state.accounts["batchcertlocal"].pools["render"].nodes.values()
    node.start_task.state = "running"
    await world.batch.close()
    again = new_world(world.batch.state)
    await again.batch.resume()
    await again.pass_time(1)
    assert again.nodes()[0]["startTaskInfo"]["result"] == "success"
