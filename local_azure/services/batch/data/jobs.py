"""Jobs at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.job_view import counts_view, job_view, node_status_view
from local_azure.services.batch.data.plane import account_of, routes
from local_azure.services.batch.data.replies import listed, shown
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.protocol.conditions import check_conditions, known_already
from local_azure.services.batch.protocol.times import http_date
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job
from local_azure.wire.messages import Reply, Request

READ = f"{ACCOUNT_TYPE}/jobs/read"
WRITE = f"{ACCOUNT_TYPE}/jobs/write"
JOB = "/jobs/{job}"


@routes.get("/jobs", name="Job_List", permission=READ)
def list_jobs(batch: Batch, request: Request) -> Reply:
    """The account's jobs."""
    jobs = batch.work.jobs.all(account_of(batch, request))
    return listed(request, "jobs", jobs, lambda job: job_view(request.host, job))


@routes.post("/jobs", name="Job_Add", permission=WRITE, lacks="autoPoolSpecification; no task preempts another")
def add(batch: Batch, request: Request) -> Reply:
    """Add a job."""
    job = batch.work.jobs.add(account_of(batch, request), request.json())
    return Reply(201, None, _headers(request, job))


@routes.get(JOB, name="Job_Get", permission=READ)
def get(batch: Batch, request: Request) -> Reply:
    """One job."""
    _, job = job_of(batch, request)
    check_conditions(job, request.headers.get("if-match", ""), "")
    if known_already(job, request.headers.get("if-none-match", "")):
        return Reply(304, None, _headers(request, job))
    return shown(request, "jobs", job_view(request.host, job), _headers(request, job))


@routes.patch(JOB, name="Job_Patch", permission=WRITE)
def patch(batch: Batch, request: Request) -> Reply:
    """Change some properties of a job."""
    account, job = job_of(batch, request)
    batch.work.jobs.patch(account, job, request.json(), if_match=if_match(request))
    return Reply(200, None, _headers(request, job))


@routes.put(JOB, name="Job_Update", permission=WRITE)
def replace(batch: Batch, request: Request) -> Reply:
    """Change all properties of a job that can be changed."""
    account, job = job_of(batch, request)
    batch.work.jobs.replace(account, job, request.json(), if_match=if_match(request))
    return Reply(200, None, _headers(request, job))


@routes.delete(JOB, name="Job_Delete", permission=f"{ACCOUNT_TYPE}/jobs/delete")
def delete(batch: Batch, request: Request) -> Reply:
    """Let a job go, with its tasks."""
    account, job = job_of(batch, request)
    batch.work.jobs.delete(account, job, if_match=if_match(request))
    return Reply(202)


@routes.post(f"{JOB}/disable", name="Job_Disable", permission=WRITE)
def disable(batch: Batch, request: Request) -> Reply:
    """Let no task of the job begin."""
    account, job = job_of(batch, request)
    batch.work.jobs.disable(account, job, request.json().get("disableTasks"), if_match=if_match(request))
    return Reply(202, None, _headers(request, job))


@routes.post(f"{JOB}/enable", name="Job_Enable", permission=WRITE)
def enable(batch: Batch, request: Request) -> Reply:
    """Let tasks of the job begin again."""
    account, job = job_of(batch, request)
    batch.work.jobs.enable(account, job, if_match=if_match(request))
    return Reply(202, None, _headers(request, job))


@routes.post(f"{JOB}/terminate", name="Job_Terminate", permission=WRITE)
def terminate(batch: Batch, request: Request) -> Reply:
    """End the job."""
    account, job = job_of(batch, request)
    reason = str(request.json().get("terminateReason") or "")
    batch.work.jobs.terminate(account, job, reason, if_match=if_match(request))
    return Reply(202, None, _headers(request, job))


@routes.get(f"{JOB}/taskcounts", name="Job_GetTaskCounts", permission=READ)
def task_counts(batch: Batch, request: Request) -> Reply:
    """How many tasks are in each state."""
    return shown(request, "taskcountsresult", counts_view(job_of(batch, request)[1]))


@routes.get(
    f"{JOB}/jobpreparationandreleasetaskstatus", name="Job_ListPreparationAndReleaseTaskStatus", permission=READ
)
def preparation_status(batch: Batch, request: Request) -> Reply:
    """How the job's preparation and release went, node by node."""
    _, job = job_of(batch, request)
    if "jobPreparationTask" not in job.properties:
        raise refusal("JobPreparationTaskNotSpecified")
    nodes = list(job.preparations)
    return listed(
        request, "jobpreparationandreleasetaskstatuslist", nodes, lambda node: node_status_view(request.host, job, node)
    )


def job_of(batch: Batch, request: Request) -> tuple[Account, Job]:
    """The account asked, and the job of the path. Raises: AzureError 404 `JobNotFound`."""
    account = account_of(batch, request)
    return account, batch.work.jobs.get(account, request.params["job"])


def if_match(request: Request) -> str:
    """The caller's condition, "" for none."""
    return request.headers.get("if-match", "")


def _headers(request: Request, job: Job) -> dict[str, str]:
    return {
        "ETag": job.etag,
        "Last-Modified": http_date(job.modified),
        "DataServiceId": f"https://{request.host}/jobs/{job.id}",
    }
