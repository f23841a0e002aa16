"""Jobs: added, changed, disabled, enabled, terminated, deleted; the rules, without HTTP.

Source: Job in the Batch service API description 2024-02-01.19.0: its states, and what each operation does.
"""

from __future__ import annotations

from typing import Any

from local_azure.clock import Clock
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.jobs.bodies.common import checked_id
from local_azure.services.batch.jobs.bodies.job import completed_job, patched_job, replaced_job
from local_azure.services.batch.jobs.bodies.task import task_of_manager
from local_azure.services.batch.jobs.endings import Endings
from local_azure.services.batch.jobs.scheduling.scheduler import Scheduler
from local_azure.services.batch.jobs.tasks import Tasks, check_open
from local_azure.services.batch.protocol.conditions import check_conditions
from local_azure.services.batch.protocol.shapes import chosen_option, text
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job

_DISABLE = ("requeue", "terminate", "wait")


class Jobs:
    """The jobs of all accounts. A caller's condition is If-Match as it was sent, "" for none."""

    def __init__(self, clock: Clock, scheduler: Scheduler, tasks: Tasks, endings: Endings) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._tasks = tasks
        self._endings = endings

    def add(self, account: Account, body: dict[str, Any]) -> Job:
        """Add a job, with its job manager task where it has one.

        Raises: AzureError 400 for a bad one, 409 for a duplicate or too many.
        """
        job_id = checked_id(body.get("id"), "id")
        if job_id.lower() in account.jobs:
            raise refusal("JobExists")
        if job_id.lower() in account.schedules:
            raise refusal("JobScheduleWithSameIdExists")
        properties = completed_job(body)
        if account.active_work >= account.quotas.jobs:
            raise refusal("ActiveJobAndScheduleQuotaReached")
        return self.put(account, job_id, properties)

    def put(self, account: Account, job_id: str, properties: dict[str, Any], *, schedule: str = "") -> Job:
        """Take a checked job in, with its job manager task; *schedule* is the id of the one that has made it, or ""."""
        now = self._clock.now()
        job = account.jobs[job_id.lower()] = Job(job_id, properties, now, now, now, schedule=schedule)
        if manager := properties.get("jobManagerTask"):
            self._tasks.put(job, manager["id"], task_of_manager(manager))
        self._changed(account, job)
        return job

    def get(self, account: Account, name: str) -> Job:
        """The job. Raises: AzureError 404 `JobNotFound`."""
        try:
            return account.jobs[name.lower()]
        except KeyError:
            raise refusal("JobNotFound") from None

    def all(self, account: Account) -> list[Job]:
        """The account's jobs, by id."""
        return [account.jobs[name] for name in sorted(account.jobs)]

    def patch(self, account: Account, job: Job, body: dict[str, Any], *, if_match: str = "") -> None:
        """Change what *body* gives. Raises: AzureError 400, 409 for a job that has ended, 412."""
        self._check(job, if_match)
        job.properties = patched_job(job.properties, body, disabled=job.state == "disabled")
        self._changed(account, job)

    def replace(self, account: Account, job: Job, body: dict[str, Any], *, if_match: str = "") -> None:
        """Change all that can be changed: what *body* leaves out goes back to its default. Raises: as `patch` does."""
        self._check(job, if_match)
        job.properties = replaced_job(job.properties, body, disabled=job.state == "disabled")
        self._changed(account, job)

    def disable(self, account: Account, job: Job, option: Any, *, if_match: str = "") -> None:
        """Let no task of the job begin; *option* tells what becomes of those that run.

        Raises: AzureError 400 for another option than requeue, terminate and wait; 409, 412.
        """
        option = chosen_option(text(option, "disableTasks"), "disableTasks", _DISABLE)
        self._check(job, if_match)
        self._endings.disable(account, job, option)

    def enable(self, account: Account, job: Job, *, if_match: str = "") -> None:
        """Let tasks of a disabled job begin again. Raises: AzureError 409 for a job that is not disabled, 412."""
        self._check(job, if_match)
        if job.state not in {"disabled", "disabling"}:
            raise refusal("OperationInvalidForCurrentState", {"JobState": job.state})
        self._endings.enable(account, job)

    def terminate(self, account: Account, job: Job, reason: str, *, if_match: str = "") -> None:
        """End the job and the tasks that run. Raises: AzureError 409 for a job that has ended, 412."""
        self._check(job, if_match)
        self._endings.terminate(account, job, reason or "UserTerminate")

    def delete(self, account: Account, job: Job, *, if_match: str = "") -> None:
        """Remove the job with its tasks and their files. Raises: AzureError 409 for one that is going already, 412."""
        check_conditions(job, if_match, "")
        if job.state == "deleting":
            raise refusal("JobBeingDeleted")
        self._endings.delete(account, job)

    def _check(self, job: Job, if_match: str) -> None:
        check_conditions(job, if_match, "")
        check_open(job)

    def _changed(self, account: Account, job: Job) -> None:
        job.touch(self._clock.now())
        self._endings.watch(account, job)
        self._scheduler.wake(account, job.pool)
