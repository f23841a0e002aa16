"""A task as the data plane shows it.

Source: CloudTask and TaskAddResult in the Batch service API description 2024-02-01.19.0; BatchTask of azure-batch 15.1.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.data.execution_view import node_info_view, task_execution_view
from local_azure.services.batch.data.plane import error_content
from local_azure.services.batch.jobs.tasks import Added
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.state.jobs import Job, Task


def task_url(host: str, job: Job, task: Task) -> str:
    """The address of a task."""
    return f"https://{host}/jobs/{job.id}/tasks/{task.id}"


def task_view(host: str, job: Job, task: Task) -> dict[str, Any]:
    """The whole task."""
    shown: dict[str, Any] = {
        "id": task.id,
        "url": task_url(host, job, task),
        "eTag": task.etag,
        "creationTime": stamp(task.created),
        "lastModified": stamp(task.modified),
        "state": task.state,
        "stateTransitionTime": stamp(task.state_since),
        **task.properties,
        "executionInfo": task_execution_view(task),
    }
    if task.previous_since:
        shown["previousState"] = task.previous_state
        shown["previousStateTransitionTime"] = stamp(task.previous_since)
    if task.node:
        shown["nodeInfo"] = node_info_view(host, task, job.folder(task.id))
    return shown


def recent_view(host: str, job: Job, task: Task) -> dict[str, Any]:
    """A task as the node that it ran on lists it."""
    return {
        "taskUrl": task_url(host, job, task),
        "jobId": job.id,
        "taskId": task.id,
        "taskState": task.state,
        "executionInfo": task_execution_view(task),
    }


def added_view(host: str, job: Job, added: Added) -> dict[str, Any]:
    """What became of one task of a collection."""
    if added.task is None:
        kind = "servererror" if added.error and added.error.status >= 500 else "clienterror"
        error = {"error": error_content(added.error)} if added.error else {}
        return {"status": kind, "taskId": added.task_id, **error}
    task = added.task
    return {
        "status": "success",
        "taskId": task.id,
        "eTag": task.etag,
        "lastModified": stamp(task.modified),
        "location": task_url(host, job, task),
    }
