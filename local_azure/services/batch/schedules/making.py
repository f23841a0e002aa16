"""How schedules make jobs, one at a time, and come to their end.

Source: Schedule, JobScheduleState and JobExecutionInformation (TerminateJobSchedule) in the Batch service API
description 2024-02-01.19.0. A job's id, "schedule:job-1", is that of its examples.
"""

from __future__ import annotations

import copy
from datetime import datetime

from local_azure.clock import Clock
from local_azure.services.batch.jobs.endings import Endings
from local_azure.services.batch.jobs.jobs import Jobs
from local_azure.services.batch.schedules.dates import Dates
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, Job
from local_azure.services.batch.state.schedules import JobSchedule

_DUE, _LOOK = "batch.schedule.due", "batch.schedule.look"


class Making:
    """Makes jobs when they are due, as events of the clock."""

    def __init__(self, state: BatchState, clock: Clock, jobs: Jobs, endings: Endings) -> None:
        self._state = state
        self._clock = clock
        self._jobs = jobs
        self._endings = endings
        endings.on_ended = self._job_ended
        clock.on(_DUE, self._due)
        clock.on(_LOOK, self._look_again)

    def begin(self, account: Account, schedule: JobSchedule) -> None:
        """Let the dates of *schedule* count from now on."""
        schedule.since, schedule.epoch, schedule.due = self._clock.now(), schedule.epoch + 1, None
        dates = _dates(schedule)
        schedule.next = None if dates.over(dates.first) else dates.first
        if schedule.next:
            self._clock.schedule(schedule.next, _DUE, *_names(account, schedule))
        if dates.last:
            self._look_at(dates.last, account, schedule)
        self.look_soon(account, schedule)

    def look_soon(self, account: Account, schedule: JobSchedule) -> None:
        """Make a job where one is due, or let *schedule* come to its end where it is at that."""
        self._look_at(self._clock.now(), account, schedule)

    def end_jobs(self, account: Account, schedule: JobSchedule, *, delete: bool) -> None:
        """End the job of *schedule* that has not ended; with *delete* all of its jobs go."""
        for job in jobs_of(account, schedule):
            if delete and job.state != "deleting":
                self._endings.delete(account, job)
            elif not delete and job.state not in {"terminating", COMPLETED, "deleting"}:
                self._endings.terminate(account, job, "TerminateJobSchedule")

    def _due(self, *names: str) -> None:
        if (found := self._find(*names)) is None:
            return
        account, schedule = found
        dates, now = _dates(schedule), self._clock.now()
        schedule.due, schedule.next = schedule.next, dates.following(now)
        if schedule.next:
            self._clock.schedule(schedule.next, _DUE, *names)
        if schedule.due and dates.window:
            self._look_at(schedule.due + dates.window, account, schedule)
        self._look(account, schedule)

    def _look(self, account: Account, schedule: JobSchedule) -> None:
        now, dates = self._clock.now(), _dates(schedule)
        going = [job for job in jobs_of(account, schedule) if job.state != COMPLETED]
        if schedule.due and dates.missed(schedule.due, now):
            schedule.due = None
        if schedule.state == "deleting":
            if not jobs_of(account, schedule):
                account.schedules.pop(schedule.id.lower(), None)
        elif going or schedule.state == COMPLETED:
            return
        elif schedule.state == ACTIVE and schedule.due and account.active_work < account.quotas.jobs:
            self._make(account, schedule)
        elif schedule.state == "terminating" or not (schedule.due or schedule.next):
            schedule.ended = now
            schedule.enter(COMPLETED, now)

    def _make(self, account: Account, schedule: JobSchedule) -> None:
        schedule.due, schedule.made = None, schedule.made + 1
        schedule.recent = f"{schedule.id}:job-{schedule.made}"
        properties = copy.deepcopy(schedule.properties["jobSpecification"])
        self._jobs.put(account, schedule.recent, properties, schedule=schedule.id)

    def _job_ended(self, account: Account) -> None:
        """A job is over: its schedule may go on, or one for which there was no room within the quota."""
        for schedule in account.schedules.values():
            self.look_soon(account, schedule)

    def _look_again(self, *names: str) -> None:
        if found := self._find(*names):
            self._look(*found)

    def _look_at(self, moment: datetime, account: Account, schedule: JobSchedule) -> None:
        self._clock.schedule(moment, _LOOK, *_names(account, schedule))

    def _find(self, account_name: str, name: str, created: str, epoch: str) -> tuple[Account, JobSchedule] | None:
        account = self._state.accounts.get(account_name)
        schedule = account.schedules.get(name) if account else None
        if account is None or schedule is None:
            return None
        same = (schedule.created.isoformat(), str(schedule.epoch)) == (created, epoch)
        return (account, schedule) if same else None


def jobs_of(account: Account, schedule: JobSchedule) -> list[Job]:
    """The jobs that *schedule* has made, the oldest first."""
    return [job for job in account.jobs.values() if job.schedule == schedule.id]


def _dates(schedule: JobSchedule) -> Dates:
    return Dates.of(schedule.properties["schedule"], schedule.since)


def _names(account: Account, schedule: JobSchedule) -> tuple[str, str, str, str]:
    return account.name.lower(), schedule.id.lower(), schedule.created.isoformat(), str(schedule.epoch)
