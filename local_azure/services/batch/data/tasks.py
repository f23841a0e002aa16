"""Tasks at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.data.jobs import JOB, READ, WRITE, if_match, job_of
from local_azure.services.batch.data.plane import routes
from local_azure.services.batch.data.replies import listed, shown
from local_azure.services.batch.data.task_view import added_view, task_url, task_view
from local_azure.services.batch.protocol.conditions import check_conditions, known_already
from local_azure.services.batch.protocol.times import http_date
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job, Task
from local_azure.wire.messages import Reply, Request

_TASKS = f"{JOB}/tasks"
TASK = f"{_TASKS}/{{task}}"
_LACKS = (
    "containerSettings, multiInstanceSettings, authenticationTokenSettings and application packages are refused; "
    "resource and output files fail, since no storage answers"
)


@routes.get(_TASKS, name="Task_List", permission=READ)
def list_tasks(batch: Batch, request: Request) -> Reply:
    """The job's tasks, in the order in which they were added."""
    _, job = job_of(batch, request)
    return listed(request, "tasks", list(job.tasks.values()), lambda task: task_view(request.host, job, task))


@routes.post(_TASKS, name="Task_Add", permission=WRITE, lacks=_LACKS)
def add(batch: Batch, request: Request) -> Reply:
    """Add a task."""
    account, job = job_of(batch, request)
    return Reply(201, None, _headers(request, job, batch.work.tasks.add(account, job, request.json())))


@routes.post(f"{JOB}/addtaskcollection", name="Task_AddCollection", permission=WRITE, lacks=_LACKS)
def add_all(batch: Batch, request: Request) -> Reply:
    """Add up to a hundred tasks."""
    account, job = job_of(batch, request)
    added = batch.work.tasks.add_all(account, job, request.json())
    return shown(request, "taskaddresult", {"value": [added_view(request.host, job, one) for one in added]})


@routes.get(TASK, name="Task_Get", permission=READ)
def get(batch: Batch, request: Request) -> Reply:
    """One task."""
    _, job, task = task_of(batch, request)
    check_conditions(task, if_match(request), "")
    if known_already(task, request.headers.get("if-none-match", "")):
        return Reply(304, None, _headers(request, job, task))
    return shown(request, "tasks", task_view(request.host, job, task), _headers(request, job, task))


@routes.put(TASK, name="Task_Update", permission=WRITE)
def update(batch: Batch, request: Request) -> Reply:
    """Change a task's constraints."""
    _, job, task = task_of(batch, request)
    batch.work.tasks.update(task, request.json(), if_match=if_match(request))
    return Reply(200, None, _headers(request, job, task))


@routes.delete(TASK, name="Task_Delete", permission=WRITE)
def delete(batch: Batch, request: Request) -> Reply:
    """Remove a task, and its files from its node."""
    account, job, task = task_of(batch, request)
    batch.work.tasks.delete(account, job, task, if_match=if_match(request))
    return Reply(200)


@routes.post(f"{TASK}/terminate", name="Task_Terminate", permission=WRITE)
def terminate(batch: Batch, request: Request) -> Reply:
    """End a task."""
    account, job, task = task_of(batch, request)
    batch.work.tasks.terminate(account, job, task, if_match=if_match(request))
    return Reply(204, None, _headers(request, job, task))


@routes.post(f"{TASK}/reactivate", name="Task_Reactivate", permission=WRITE)
def reactivate(batch: Batch, request: Request) -> Reply:
    """Let a task that failed run again."""
    account, job, task = task_of(batch, request)
    batch.work.tasks.reactivate(account, job, task, if_match=if_match(request))
    return Reply(204, None, _headers(request, job, task))


@routes.get(f"{TASK}/subtasksinfo", name="Task_ListSubtasks", permission=READ, lacks="always empty")
def subtasks(batch: Batch, request: Request) -> Reply:
    """None: no task here is a multi-instance task."""
    task_of(batch, request)
    return shown(request, "subtasks", {"value": []})


def task_of(batch: Batch, request: Request) -> tuple[Account, Job, Task]:
    """The account asked, the job and the task of the path. Raises: AzureError 404."""
    account, job = job_of(batch, request)
    return account, job, batch.work.tasks.get(job, request.params["task"])


def _headers(request: Request, job: Job, task: Task) -> dict[str, str]:
    return {
        "ETag": task.etag,
        "Last-Modified": http_date(task.modified),
        "DataServiceId": task_url(request.host, job, task),
    }
