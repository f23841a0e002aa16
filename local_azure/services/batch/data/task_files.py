"""Files of tasks, at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.data.files import file_reply, file_view, properties_reply
from local_azure.services.batch.data.jobs import READ, WRITE
from local_azure.services.batch.data.plane import routes
from local_azure.services.batch.data.replies import listed
from local_azure.services.batch.data.task_view import task_url
from local_azure.services.batch.data.tasks import TASK, task_of
from local_azure.services.batch.service import Batch
from local_azure.wire.messages import Reply, Request

_FILES = f"{TASK}/files"
_FILE = f"{_FILES}/{{file:path}}"


@routes.get(_FILES, name="File_ListFromTask", permission=READ)
def list_files(batch: Batch, request: Request) -> Reply:
    """What lies in the task's folder."""
    account, job, task = task_of(batch, request)
    recursive = request.query.get("recursive", "").lower() == "true"
    base = f"{task_url(request.host, job, task)}/files"
    found = batch.work.files.all(account, job, task, recursive=recursive)
    return listed(request, "files", found, lambda file: file_view(base, file))


@routes.on("HEAD", _FILE, name="File_GetPropertiesFromTask", permission=READ)
def properties(batch: Batch, request: Request) -> Reply:
    """A file's or folder's properties, as headers."""
    return properties_reply(request, batch.work.files.one(*task_of(batch, request), request.params["file"]))


@routes.get(_FILE, name="File_GetFromTask", permission=READ)
def content(batch: Batch, request: Request) -> Reply:
    """A file's content, or the part of it that `ocp-range` asks for."""
    found, name = task_of(batch, request), request.params["file"]
    return file_reply(request, batch.work.files.one(*found, name), batch.work.files.content(*found, name))


@routes.delete(_FILE, name="File_DeleteFromTask", permission=WRITE)
def delete(batch: Batch, request: Request) -> Reply:
    """Remove a file, or with `recursive` a folder."""
    recursive = request.query.get("recursive", "").lower() == "true"
    batch.work.files.remove(*task_of(batch, request), request.params["file"], recursive=recursive)
    return Reply(200)
