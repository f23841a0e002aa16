"""Job schedules at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.job_view import job_view
from local_azure.services.batch.data.plane import account_of, routes
from local_azure.services.batch.data.replies import listed, shown
from local_azure.services.batch.data.schedule_view import schedule_url, schedule_view
from local_azure.services.batch.protocol.times import http_date
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.schedules import JobSchedule
from local_azure.wire.messages import Reply, Request

_READ = f"{ACCOUNT_TYPE}/jobSchedules/read"
_WRITE = f"{ACCOUNT_TYPE}/jobSchedules/write"
_SCHEDULE = "/jobschedules/{schedule}"
_LACKS = "autoPoolSpecification"


@routes.get("/jobschedules", name="JobSchedule_List", permission=_READ)
def list_schedules(batch: Batch, request: Request) -> Reply:
    """The account's job schedules."""
    found = batch.schedules.all(account_of(batch, request))
    return listed(request, "jobschedules", found, lambda schedule: schedule_view(request.host, schedule))


@routes.post("/jobschedules", name="JobSchedule_Add", permission=_WRITE, lacks=_LACKS)
def add(batch: Batch, request: Request) -> Reply:
    """Add a job schedule."""
    schedule = batch.schedules.add(account_of(batch, request), request.json())
    return Reply(201, None, _headers(request, schedule))


@routes.get(_SCHEDULE, name="JobSchedule_Get", permission=_READ)
def get(batch: Batch, request: Request) -> Reply:
    """One job schedule."""
    _, schedule = schedule_of(batch, request)
    return shown(request, "jobschedules", schedule_view(request.host, schedule), _headers(request, schedule))


@routes.on("HEAD", _SCHEDULE, name="JobSchedule_Exists", permission=_READ)
def exists(batch: Batch, request: Request) -> Reply:
    """Whether there is such a job schedule."""
    return Reply(200, None, _headers(request, schedule_of(batch, request)[1]))


@routes.patch(_SCHEDULE, name="JobSchedule_Patch", permission=_WRITE, lacks=_LACKS)
def patch(batch: Batch, request: Request) -> Reply:
    """Change some properties of a job schedule."""
    account, schedule = schedule_of(batch, request)
    batch.schedules.patch(account, schedule, request.json())
    return Reply(200, None, _headers(request, schedule))


@routes.put(_SCHEDULE, name="JobSchedule_Update", permission=_WRITE, lacks=_LACKS)
def replace(batch: Batch, request: Request) -> Reply:
    """Change all properties of a job schedule that can be changed."""
    account, schedule = schedule_of(batch, request)
    batch.schedules.replace(account, schedule, request.json())
    return Reply(200, None, _headers(request, schedule))


@routes.delete(_SCHEDULE, name="JobSchedule_Delete", permission=f"{ACCOUNT_TYPE}/jobSchedules/delete")
def delete(batch: Batch, request: Request) -> Reply:
    """Let a job schedule go, with its jobs."""
    batch.schedules.delete(*schedule_of(batch, request))
    return Reply(202)


@routes.post(f"{_SCHEDULE}/disable", name="JobSchedule_Disable", permission=_WRITE)
def disable(batch: Batch, request: Request) -> Reply:
    """Make no jobs for a while."""
    _, schedule = schedule_of(batch, request)
    batch.schedules.disable(schedule)
    return Reply(204, None, _headers(request, schedule))


@routes.post(f"{_SCHEDULE}/enable", name="JobSchedule_Enable", permission=_WRITE)
def enable(batch: Batch, request: Request) -> Reply:
    """Make jobs again."""
    account, schedule = schedule_of(batch, request)
    batch.schedules.enable(account, schedule)
    return Reply(204, None, _headers(request, schedule))


@routes.post(f"{_SCHEDULE}/terminate", name="JobSchedule_Terminate", permission=_WRITE)
def terminate(batch: Batch, request: Request) -> Reply:
    """Make no jobs any more."""
    account, schedule = schedule_of(batch, request)
    batch.schedules.terminate(account, schedule)
    return Reply(202, None, _headers(request, schedule))


@routes.get(f"{_SCHEDULE}/jobs", name="Job_ListFromJobSchedule", permission=_READ)
def list_jobs(batch: Batch, request: Request) -> Reply:
    """The jobs that a job schedule has made."""
    jobs = batch.schedules.jobs(*schedule_of(batch, request))
    return listed(request, "jobs", jobs, lambda job: job_view(request.host, job))


def schedule_of(batch: Batch, request: Request) -> tuple[Account, JobSchedule]:
    """The account asked, and the job schedule of the path. Raises: AzureError 404 `JobScheduleNotFound`."""
    account = account_of(batch, request)
    return account, batch.schedules.get(account, request.params["schedule"])


def _headers(request: Request, schedule: JobSchedule) -> dict[str, str]:
    return {
        "ETag": schedule.etag,
        "Last-Modified": http_date(schedule.modified),
        "DataServiceId": schedule_url(request.host, schedule),
    }
