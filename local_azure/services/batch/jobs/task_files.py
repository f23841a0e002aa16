"""The folders that tasks leave on nodes: kept for the tasks' retention time, then removed.

Source: TaskConstraints.retentionTime in the Batch service API description 2024-02-01.19.0; "Files and directories in
Azure Batch".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from local_azure.clock import Clock
from local_azure.machines import Machine, MachineFile
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.jobs.running.host import Host, find_host
from local_azure.services.batch.protocol.times import after
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, Job, Task

_EVENT, _REMOVE = "batch.task.retention", "batch.task.remove-files"


class TaskFiles:
    """The files of tasks. *stopped* returns once nobody writes into the folders of tasks that were ended.

    *on_removed* hears of each task whose folder is no longer kept.
    """

    def __init__(self, state: BatchState, clock: Clock, fleet: Fleet, stopped: Callable[[], Awaitable[None]]) -> None:
        self._state = state
        self._clock = clock
        self._fleet = fleet
        self._stopped = stopped
        self.on_removed: Callable[[Account, Task], None] = lambda _account, _task: None
        clock.on(_EVENT, self._expire)
        clock.on(_REMOVE, self._remove)

    def all(self, account: Account, job: Job, task: Task, *, recursive: bool) -> Sequence[MachineFile]:
        """What lies in the task's folder, named from there; only the top of it unless *recursive*.

        Raises: AzureError 409 `TaskFilesUnavailable`, `TaskFilesCleanedup`.
        """
        folder = f"{job.folder(task.id)}/"
        found = sorted(self._machine(account, task).files(), key=lambda file: file.name)
        inside = [replace(f, name=f.name.removeprefix(folder)) for f in found if f.name.startswith(folder)]
        return [file for file in inside if recursive or "/" not in file.name]

    def one(self, account: Account, job: Job, task: Task, name: str) -> MachineFile:
        """A file or folder. Raises: AzureError 404 `FileNotFound`, 409 as `all` does."""
        wanted = name.strip("/")
        for file in self.all(account, job, task, recursive=True):
            if file.name == wanted:
                return file
        raise refusal("FileNotFound")

    def content(self, account: Account, job: Job, task: Task, name: str) -> bytes:
        """A file's content. Raises: AzureError as `one` does."""
        self.one(account, job, task, name)
        try:
            return self._machine(account, task).read_file(f"{job.folder(task.id)}/{name.strip('/')}")
        except (FileNotFoundError, IsADirectoryError):
            raise refusal("FileNotFound") from None

    def remove(self, account: Account, job: Job, task: Task, name: str, *, recursive: bool) -> None:
        """Remove a file, or with *recursive* a folder. Raises: AzureError as `one` does, 409 for another folder."""
        if self.one(account, job, task, name).is_directory and not recursive:
            raise refusal("OperationInvalidForCurrentState", {"Reason": "The directory is not empty."})
        self._machine(account, task).remove_files(f"{job.folder(task.id)}/{name.strip('/')}")

    def keep(self, account: Account, job: Job, task: Task) -> None:
        """Remove the folder of a completed task when its retention time is over."""
        if until := after(self._clock.now(), task.properties["constraints"]["retentionTime"]):
            names = (account.name.lower(), job.id.lower(), task.id.lower(), task.created.isoformat())
            self._clock.schedule(until, _EVENT, *names)

    def forget(self, account: Account, job: Job, task: Task) -> None:
        """Remove the task's folder, where its node still is; what runs in it has been ended."""
        task.files_removed = True
        if self._find(account, task):
            self._remove_soon(account, task.pool, task.node, job.folder(task.id))
            self.on_removed(account, task)

    def forget_all(self, account: Account, job: Job) -> None:
        """Remove the folders of all tasks of *job*, its preparations and releases too."""
        nodes = {(task.pool, task.node) for task in job.tasks.values() if task.node}
        for pool, node in nodes | {(run.pool, run.node) for run in job.preparations.values()}:
            self._remove_soon(account, pool, node, job.root)

    def retained_on(self, host: Host) -> bool:
        """Whether a completed task's folder is still kept on the node."""
        return any(
            task.node == host.node.id and task.state == COMPLETED and not task.files_removed and task.execution.started
            for job in host.account.jobs.values()
            for task in job.tasks.values()
        )

    def _machine(self, account: Account, task: Task) -> Machine:
        if task.files_removed:
            raise refusal("TaskFilesCleanedup")
        machine = None if task.state == ACTIVE else self._find(account, task)
        if machine is None:
            raise refusal("TaskFilesUnavailable")
        return machine

    def _find(self, account: Account, task: Task) -> Machine | None:
        """The machine that holds the task's folder; one whose disk is newer than the task does not."""
        host = find_host(account, task.pool, task.node)
        if host is None or not task.execution.started:
            return None
        if host.node.disk_since and host.node.disk_since > task.execution.started:
            return None
        return self._fleet.find(account, host.pool, host.node)

    def _remove_soon(self, account: Account, pool: str, node: str, folder: str) -> None:
        self._clock.schedule(self._clock.now(), _REMOVE, account.name.lower(), pool, node, folder)

    async def _remove(self, account_name: str, pool: str, node: str, folder: str) -> None:
        await self._stopped()
        account = self._state.accounts.get(account_name)
        host = find_host(account, pool, node) if account else None
        if host and (machine := self._fleet.find(host.account, host.pool, host.node)):
            machine.remove_files(folder)

    def _expire(self, account_name: str, job_name: str, task_name: str, created: str) -> None:
        account = self._state.accounts.get(account_name)
        job = account.jobs.get(job_name) if account else None
        task = job.tasks.get(task_name) if job else None
        if not account or not job or not task or task.created.isoformat() != created or task.state != COMPLETED:
            return
        until = after(task.execution.ended or task.created, task.properties["constraints"]["retentionTime"])
        if until and until <= self._clock.now():  # else it was updated, or run again
            self.forget(account, job, task)
