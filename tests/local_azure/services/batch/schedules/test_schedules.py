"""Job schedules, asked at the account's host."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.anyio

SPECIFICATION = {"poolInfo": {"poolId": "render"}}
HOUR = 3600.0
MANAGER = {"id": "manager", "commandLine": "exit 0", "killJobOnCompletion": True}


async def _add(world: Any, name: str = "often", *, spec: dict[str, Any] | None = None, **dates: str) -> str:
    """A schedule that has had the time to make its first job; returns its path."""
    body = {"id": name, "schedule": dates, "jobSpecification": SPECIFICATION | (spec or {})}
    reply = world.data("POST", "/jobschedules", body)
    assert reply.status == 201, reply.body
    await world.pass_time(0)
    return f"/jobschedules/{name}"


def _jobs(world: Any, path: str) -> dict[str, str]:
    """The states of the schedule's jobs by id."""
    return {job["id"]: job["state"] for job in world.data("GET", f"{path}/jobs").body["value"]}


async def _finish(world: Any, job: str) -> None:
    assert world.data("POST", f"/jobs/{job}/terminate").status == 202
    await world.pass_time(0)


def _in(world: Any, hours: float) -> str:
    return str((world.clock.now() + timedelta(hours=hours)).isoformat())


async def test_a_schedule_makes_one_job_and_is_completed_with_it(world: Any) -> None:
    """Without a recurrence: at once; the job is like any other, and knows the specification's properties."""
    metadata = [{"name": "a", "value": "b"}]
    path = await _add(world, spec={"priority": 7, "metadata": metadata})
    shown = world.show(path)
    assert (shown["state"], shown["executionInfo"]["recentJob"]["id"]) == ("active", "often:job-1")
    job = world.show("/jobs/often:job-1")
    assert (job["priority"], job["metadata"], job["poolInfo"]) == (
        7,
        [{"name": "a", "value": "b"}],
        {"poolId": "render"},
    )
    await _finish(world, "often:job-1")
    shown = world.show(path)
    assert (shown["state"], shown["previousState"]) == ("completed", "active")
    assert shown["executionInfo"]["endTime"] == shown["stateTransitionTime"]
    assert "nextRunTime" not in shown["executionInfo"]
    await world.pass_time(100 * HOUR)
    assert _jobs(world, path) == {"often:job-1": "completed"}


async def test_a_recurring_schedule_makes_a_job_each_time(world: Any) -> None:
    """Of which the manager task ends each; the next date is told."""
    await world.pool()
    path = await _add(world, spec={"jobManagerTask": MANAGER}, recurrenceInterval="PT1H")
    start = world.clock.now()
    assert world.show(path)["executionInfo"]["nextRunTime"][:16] == (start + timedelta(hours=1)).isoformat()[:16]
    await world.pass_time(3 * HOUR + 60)
    assert _jobs(world, path) == {f"often:job-{number}": "completed" for number in range(1, 5)}
    assert world.show("/jobs/often:job-4")["executionInfo"]["terminateReason"] == "JMComplete"
    folders = {task.folder for task in world.machines.only().tasks}
    assert folders == {f"workitems/often/job-{number}/manager" for number in range(1, 5)}


async def test_at_most_one_job_is_active(world: Any) -> None:
    """While it is, dates pass; once it has ended within the window of the newest, that one's job is made."""
    path = await _add(world, recurrenceInterval="PT1H")
    await world.pass_time(3.5 * HOUR)
    assert _jobs(world, path) == {"often:job-1": "active"}
    await _finish(world, "often:job-1")
    assert _jobs(world, path) == {"often:job-1": "completed", "often:job-2": "active"}


async def test_a_chance_that_is_over_does_not_come_back(world: Any) -> None:
    """The job of a date can be made within its window alone."""
    path = await _add(world, recurrenceInterval="PT1H", startWindow="PT10M")
    await world.pass_time(1.5 * HOUR)
    await _finish(world, "often:job-1")
    assert _jobs(world, path) == {"often:job-1": "completed"}
    await world.pass_time(0.6 * HOUR)
    assert _jobs(world, path) == {"often:job-1": "completed", "often:job-2": "active"}


async def test_a_schedule_runs_between_its_dates(world: Any) -> None:
    """No job before the first; completed after the last, once no job is active."""
    path = await _add(world, doNotRunUntil=_in(world, 2), doNotRunAfter=_in(world, 4.5), recurrenceInterval="PT1H")
    await world.pass_time(1.9 * HOUR)
    assert _jobs(world, path) == {}
    await world.pass_time(0.2 * HOUR)
    assert _jobs(world, path) == {"often:job-1": "active"}
    await world.pass_time(3 * HOUR)
    assert world.show(path)["state"] == "active"
    await _finish(world, "often:job-1")
    assert world.show(path)["state"] == "completed"
    assert _jobs(world, path) == {"often:job-1": "completed"}


async def test_a_schedule_whose_dates_have_passed_is_completed(world: Any) -> None:
    """Without any job."""
    path = await _add(world, doNotRunAfter="2014-09-10T06:30:00.000Z", recurrenceInterval="PT5M")
    assert world.show(path)["state"] == "completed"
    assert _jobs(world, path) == {}


async def test_a_disabled_schedule_makes_no_jobs(world: Any) -> None:
    """Its job goes on; enabled again, it makes what is due."""
    path = await _add(world, recurrenceInterval="PT1H")
    assert world.data("POST", f"{path}/disable").status == 204
    assert _jobs(world, path) == {"often:job-1": "active"}
    await _finish(world, "often:job-1")
    await world.pass_time(5 * HOUR)
    assert (world.show(path)["state"], _jobs(world, path)) == ("disabled", {"often:job-1": "completed"})
    assert world.data("POST", f"{path}/disable").body["code"] == "JobScheduleDisabled"
    for _ in range(2):
        assert world.data("POST", f"{path}/enable").status == 204
    await world.pass_time(0)
    assert _jobs(world, path) == {"often:job-1": "completed", "often:job-2": "active"}


async def test_a_terminated_schedule_ends_its_job(world: Any) -> None:
    """For its own reason; what has ended can be changed no more, and stays until it is deleted."""
    path = await _add(world, recurrenceInterval="PT1H")
    assert world.data("POST", f"{path}/terminate").status == 202
    assert world.show(path)["state"] == "terminating"
    assert world.data("POST", f"{path}/terminate").body["code"] == "JobScheduleBeingTerminated"
    await world.pass_time(0)
    assert world.show(path)["state"] == "completed"
    assert world.show("/jobs/often:job-1")["executionInfo"]["terminateReason"] == "TerminateJobSchedule"
    for verb in ("/terminate", "/disable", "/enable"):
        assert world.data("POST", f"{path}{verb}").body["code"] == "JobScheduleCompleted"
    assert world.data("PATCH", path, {"metadata": []}).body["code"] == "JobScheduleCompleted"
    await world.pass_time(5 * HOUR)
    assert _jobs(world, path) == {"often:job-1": "completed"}


async def test_a_deleted_schedule_takes_its_jobs_along(world: Any) -> None:
    """Those that have ended, too; other jobs stay."""
    await world.job("other")
    path = await _add(world, recurrenceInterval="PT1H")
    await _finish(world, "often:job-1")
    await world.pass_time(HOUR)
    assert world.data("DELETE", path).status == 202
    assert world.data("DELETE", path).body["code"] == "JobScheduleBeingDeleted"
    await world.pass_time(0)
    assert world.data("GET", path).body["code"] == "JobScheduleNotFound"
    assert world.data("HEAD", path).status == 404
    assert [job["id"] for job in world.data("GET", "/jobs").body["value"]] == ["other"]


async def test_a_change_is_for_jobs_to_come(world: Any) -> None:
    """A PATCH changes what it gives, a PUT all; other dates count from then on."""
    path = await _add(world, spec={"priority": 1}, recurrenceInterval="PT1H")
    tag = world.show(path)["eTag"]
    changed = world.data(
        "PATCH", path, {"jobSpecification": SPECIFICATION | {"priority": 2}, "metadata": [{"name": "a", "value": "b"}]}
    )
    assert (changed.status, world.show("/jobs/often:job-1")["priority"]) == (200, 1)
    assert changed.headers["ETag"] == world.show(path)["eTag"] != tag
    await _finish(world, "often:job-1")
    await world.pass_time(HOUR)
    assert world.show("/jobs/often:job-2")["priority"] == 2
    assert world.data("PUT", path, {"schedule": {}, "jobSpecification": SPECIFICATION}).status == 200
    shown = world.show(path)
    assert ("metadata" in shown, shown["jobSpecification"]["priority"], shown["schedule"]) == (False, 0, {})
    await world.pass_time(0)
    assert "nextRunTime" not in world.show(path)["executionInfo"]
    await _finish(world, "often:job-2")
    await _finish(world, "often:job-3")
    assert world.show(path)["state"] == "completed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": "a b"}, "InvalidPropertyValue"),
        ({"jobSpecification": None}, "MissingRequiredProperty"),
        ({"jobSpecification": {}}, "MissingRequiredProperty"),
        ({"jobSpecification": {"poolInfo": {"autoPoolSpecification": {}}}}, "UnsupportedProperty"),
        ({"schedule": {"recurrenceInterval": "PT59S"}}, "InvalidPropertyValue"),
        ({"schedule": {"startWindow": "PT0S"}}, "InvalidPropertyValue"),
        ({"schedule": {"doNotRunUntil": "tomorrow"}}, "InvalidPropertyValue"),
        ({"schedule": 5}, "InvalidRequestBody"),
        ({"displayName": "n" * 1025}, "InvalidPropertyValue"),
        ({"metadata": [{"value": "x"}]}, "MissingRequiredProperty"),
        ({"id": "OFTEN"}, "JobScheduleExists"),
        ({"id": "plain"}, "JobWithSameIdExists"),
    ],
)
async def test_a_bad_schedule_is_refused(world: Any, body: dict[str, Any], code: str) -> None:
    """With the code that Batch has for it; ids are compared without case, also with those of jobs."""
    await world.job("plain")
    await _add(world)
    refused = world.data("POST", "/jobschedules", {"id": "new", "jobSpecification": SPECIFICATION, **body})
    assert refused.body["code"] == code
    refused = world.data("POST", "/jobs", {"id": "often", "poolInfo": {"poolId": "render"}})
    assert refused.body["code"] == "JobScheduleWithSameIdExists"


async def test_jobs_and_schedules_share_a_quota(world: Any) -> None:
    """A schedule that finds no room makes its job once there is some."""
    levers = world.batch.levers
    levers.set_quotas("batchcertlocal", replace(levers.quotas()["batchcertlocal"], jobs=2))
    await world.job("plain")
    path = await _add(world)
    body = {"id": "more", "jobSpecification": SPECIFICATION}
    assert world.data("POST", "/jobschedules", body).body["code"] == "ActiveJobAndScheduleQuotaReached"
    assert _jobs(world, path) == {}
    await _finish(world, "plain")
    assert _jobs(world, path) == {"often:job-1": "active"}


@pytest.mark.parametrize("verb", ["PATCH", "PUT", "DELETE"])
async def test_a_change_is_of_the_state_that_the_client_knows(world: Any, verb: str) -> None:
    """If-Match holds for schedules as for all else."""
    path = await _add(world)
    body = None if verb == "DELETE" else {"jobSpecification": SPECIFICATION}
    refused = world.data(verb, path, body, headers={"if-match": '"0x1"'})
    assert (refused.status, refused.body["code"]) == (412, "ConditionNotMet")
    known = world.show(path)["eTag"]
    assert world.data(verb, path, body, headers={"if-match": known}).status in {200, 202}


async def test_a_schedule_survives_a_restart(world: Any, new_world: Any) -> None:
    """It goes on with its next date."""
    path = await _add(world, recurrenceInterval="PT1H")
    events = world.clock.pending()
    await world.batch.close()
    again = new_world(world.batch.state)
    again.clock.restore(events)
    await again.batch.resume()
    await _finish(again, "often:job-1")
    await again.pass_time(HOUR + 60)
    assert _jobs(again, path) == {"often:job-1": "completed", "often:job-2": "active"}
