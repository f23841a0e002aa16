"""Job schedules as they are asked for: added, changed, disabled, enabled, terminated, deleted; without HTTP.

Source: JobSchedule in the Batch service API description 2024-02-01.19.0; the codes of refusals are those of
BatchErrorCodeStrings (Batch .NET).
"""

from __future__ import annotations

from typing import Any

from local_azure.clock import Clock
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.jobs.bodies.common import checked_id
from local_azure.services.batch.schedules.body import completed_schedule, patched_schedule, replaced_schedule
from local_azure.services.batch.schedules.making import Making, jobs_of
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import ACTIVE, Job
from local_azure.services.batch.state.schedules import JobSchedule

_ENDING = {
    "completed": "JobScheduleCompleted",
    "deleting": "JobScheduleBeingDeleted",
    "terminating": "JobScheduleBeingTerminated",
}


class Schedules:
    """The job schedules of all accounts."""

    def __init__(self, clock: Clock, making: Making) -> None:
        self._clock = clock
        self._making = making

    def add(self, account: Account, body: dict[str, Any]) -> JobSchedule:
        """Add a schedule. Raises: AzureError 400 for a bad one, 409 for a duplicate or too many."""
        name = checked_id(body.get("id"), "id")
        if name.lower() in account.schedules:
            raise refusal("JobScheduleExists")
        if name.lower() in account.jobs:
            raise refusal("JobWithSameIdExists")
        properties = completed_schedule(body)
        if account.active_work >= account.quotas.jobs:
            raise refusal("ActiveJobAndScheduleQuotaReached")
        now = self._clock.now()
        schedule = account.schedules[name.lower()] = JobSchedule(name, properties, now, now, now, now)
        self._making.begin(account, schedule)
        return schedule

    def get(self, account: Account, name: str) -> JobSchedule:
        """The schedule. Raises: AzureError 404 `JobScheduleNotFound`."""
        try:
            return account.schedules[name.lower()]
        except KeyError:
            raise refusal("JobScheduleNotFound") from None

    def all(self, account: Account) -> list[JobSchedule]:
        """The account's schedules, by id."""
        return [account.schedules[name] for name in sorted(account.schedules)]

    def jobs(self, account: Account, schedule: JobSchedule) -> list[Job]:
        """The jobs that the schedule has made, the oldest first."""
        return jobs_of(account, schedule)

    def patch(self, account: Account, schedule: JobSchedule, body: dict[str, Any]) -> None:
        """Change what *body* gives, for jobs to come. Raises: AzureError 400, 409 for a schedule that has ended."""
        self._change(account, schedule, {**schedule.properties, **patched_schedule(body)})

    def replace(self, account: Account, schedule: JobSchedule, body: dict[str, Any]) -> None:
        """Change all that can be changed, for jobs to come. Raises: as `patch` does."""
        kept = {name: value for name, value in schedule.properties.items() if name == "displayName"}
        self._change(account, schedule, {**kept, **replaced_schedule(body)})

    def disable(self, schedule: JobSchedule) -> None:
        """Make no jobs until it is enabled again. Raises: AzureError 409 for one that has ended, or is disabled."""
        _check_open(schedule)
        if schedule.state == "disabled":
            raise refusal("JobScheduleDisabled")
        schedule.enter("disabled", self._clock.now())

    def enable(self, account: Account, schedule: JobSchedule) -> None:
        """Make jobs again; one that is active already stays so. Raises: AzureError 409 for one that has ended."""
        _check_open(schedule)
        if schedule.state != ACTIVE:
            schedule.enter(ACTIVE, self._clock.now())
            self._making.look_soon(account, schedule)

    def terminate(self, account: Account, schedule: JobSchedule) -> None:
        """Make no jobs any more, and end the one that has not ended. Raises: AzureError 409 for one that has ended."""
        _check_open(schedule)
        schedule.enter("terminating", self._clock.now())
        self._making.end_jobs(account, schedule, delete=False)
        self._making.look_soon(account, schedule)

    def delete(self, account: Account, schedule: JobSchedule) -> None:
        """Remove the schedule with all its jobs. Raises: AzureError 409 for one that is going already."""
        if schedule.state == "deleting":
            raise refusal("JobScheduleBeingDeleted")
        schedule.enter("deleting", self._clock.now())
        self._making.end_jobs(account, schedule, delete=True)
        self._making.look_soon(account, schedule)

    def _change(self, account: Account, schedule: JobSchedule, properties: dict[str, Any]) -> None:
        _check_open(schedule)
        other_dates = properties["schedule"] != schedule.properties["schedule"]
        schedule.properties = properties
        schedule.touch(self._clock.now())
        if other_dates:
            self._making.begin(account, schedule)


def _check_open(schedule: JobSchedule) -> None:
    if schedule.state in _ENDING:
        raise refusal(_ENDING[schedule.state])
