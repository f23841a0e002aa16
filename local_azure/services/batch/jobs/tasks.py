"""Tasks: added to jobs, ended, sent back, removed; the rules, without HTTP.

Source: Task in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_azure.clock import Clock
from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.jobs.bodies.common import checked_id, completed_constraints
from local_azure.services.batch.jobs.bodies.task import completed_task
from local_azure.services.batch.jobs.running.runs import Runs
from local_azure.services.batch.jobs.scheduling.scheduler import Scheduler
from local_azure.services.batch.jobs.task_files import TaskFiles
from local_azure.services.batch.protocol.conditions import check_conditions
from local_azure.services.batch.protocol.shapes import items, members
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, Execution, Job, Task
from local_azure.wire.messages import AzureError

_MOST_ADDED = 100  # TaskAddCollectionParameter: "The maximum count of Tasks is 100."
_ENDED = {"terminating": "JobBeingTerminated", "completed": "JobCompleted", "deleting": "JobBeingDeleted"}


@dataclass(frozen=True)
class Added:
    """What became of one task of a collection: *task*, or why there is none."""

    task_id: str
    task: Task | None
    error: AzureError | None = None


class Tasks:
    """The tasks of all jobs."""

    def __init__(self, clock: Clock, runs: Runs, scheduler: Scheduler, files: TaskFiles) -> None:
        self._clock = clock
        self._runs = runs
        self._scheduler = scheduler
        self._files = files

    def add(self, account: Account, job: Job, body: dict[str, Any]) -> Task:
        """Add a task. Raises: AzureError 400 for a bad one, 409 for a duplicate or a job that has ended."""
        check_open(job)
        task_id = checked_id(body.get("id"), "id")
        _check_free(job, task_id)
        task = self.put(job, task_id, completed_task(job, body))
        self._scheduler.wake(account, job.pool)
        return task

    def add_all(self, account: Account, job: Job, body: dict[str, Any]) -> list[Added]:
        """Add the tasks of *body*, each for itself: one that is refused keeps no other from being added.

        Raises: AzureError for a collection that cannot be read or is too long, 409 for a job that has ended.
        """
        check_open(job)
        bodies = [members(entry, "value") for entry in items(body.get("value"), "value")]
        if len(bodies) > _MOST_ADDED:
            raise invalid("value", f"At most {_MOST_ADDED} tasks can be added at a time.", len(bodies))
        return [self._add_one(account, job, entry) for entry in bodies]

    def put(self, job: Job, task_id: str, properties: dict[str, Any]) -> Task:
        """Take a checked task in."""
        now = self._clock.now()
        task = Task(task_id, properties, now, now, now, job.next_order)
        job.next_order += 1
        job.tasks[task_id.lower()] = task
        return task

    def get(self, job: Job, name: str) -> Task:
        """The task. Raises: AzureError 404 `TaskNotFound`."""
        try:
            return job.tasks[name.lower()]
        except KeyError:
            raise refusal("TaskNotFound") from None

    def update(self, task: Task, body: dict[str, Any], *, if_match: str = "") -> None:
        """Change the constraints. Raises: AzureError 400, 409 for a task that has ended, 412."""
        check_conditions(task, if_match, "")
        if task.state == COMPLETED:
            raise refusal("TaskCompleted")
        task.properties["constraints"] = completed_constraints(body.get("constraints"), "constraints", retries=0)
        task.touch(self._clock.now())

    def terminate(self, account: Account, job: Job, task: Task, *, if_match: str = "") -> None:
        """End a task. Raises: AzureError 409 for one that has ended, 412."""
        check_conditions(task, if_match, "")
        if task.state == COMPLETED:
            raise refusal("TaskCompleted")
        self._runs.end(account, job, task, "The task was ended by user request.")

    def reactivate(self, account: Account, job: Job, task: Task, *, if_match: str = "") -> None:
        """Let a task that failed run again. Raises: AzureError 409 for another, and for a job that has ended; 412."""
        check_conditions(task, if_match, "")
        check_open(job)
        if task.state != COMPLETED:
            raise refusal("TaskNotCompleted")
        if task.execution.succeeded:
            raise refusal("TaskSucceeded")
        task.execution = Execution()
        task.enter(ACTIVE, self._clock.now())
        self._scheduler.wake(account, job.pool)

    def delete(self, account: Account, job: Job, task: Task, *, if_match: str = "") -> None:
        """Remove a task with its files; one that runs is ended first. Raises: AzureError 409, 412."""
        check_conditions(task, if_match, "")
        if job.state == "deleting":
            raise refusal("JobBeingDeleted")
        if task.state != COMPLETED:
            self._runs.end(account, job, task, "The task was deleted.")
        self._files.forget(account, job, task)
        job.tasks.pop(task.id.lower(), None)

    def _add_one(self, account: Account, job: Job, body: dict[str, Any]) -> Added:
        task_id = str(body.get("id", ""))
        try:
            return Added(task_id, self.add(account, job, body))
        except AzureError as error:
            return Added(task_id, None, error)


def check_open(job: Job) -> None:
    """Raises: AzureError 409 for a job that takes no more tasks."""
    if job.state in _ENDED:
        raise refusal(_ENDED[job.state])


def _check_free(job: Job, task_id: str) -> None:
    for name, code in (
        ("jobPreparationTask", "TaskIdSameAsJobPreparationTask"),
        ("jobReleaseTask", "TaskIdSameAsJobReleaseTask"),
    ):
        if job.properties.get(name, {}).get("id", "").lower() == task_id.lower():
            raise refusal(code)
    if task_id.lower() in job.tasks:
        raise refusal("TaskExists")
