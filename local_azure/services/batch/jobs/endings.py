"""How jobs come to a halt or to their end: by a request, by their tasks, by time.

Source: JobState, OnAllTasksComplete, OnTaskFailure, JobConstraints.maxWallClockTime, JobExecutionInformation
(terminateReason) in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from collections.abc import Callable

from local_azure.clock import Clock
from local_azure.services.batch.jobs.running.preparing import Preparations
from local_azure.services.batch.jobs.running.releasing import Releases
from local_azure.services.batch.jobs.running.runs import Runs
from local_azure.services.batch.jobs.scheduling.exits import job_action
from local_azure.services.batch.jobs.scheduling.scheduler import Scheduler
from local_azure.services.batch.jobs.task_files import TaskFiles
from local_azure.services.batch.protocol.times import after
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, RUNNING, Job, Task

_SETTLE, _EXPIRE = "batch.job.settle", "batch.job.expire"
_PASSING = frozenset({"disabling", "enabling", "terminating", "deleting"})


class Endings:
    """Moves jobs from state to state; what takes a while in Azure is an event of the clock here.

    *on_ended* hears of each account of which a job is completed or gone.
    """

    def __init__(  # noqa: PLR0917 - what it moves, in the order in which it is built
        self,
        state: BatchState,
        clock: Clock,
        runs: Runs,
        preparations: Preparations,
        releases: Releases,
        scheduler: Scheduler,
        files: TaskFiles,
    ) -> None:
        self._state = state
        self._clock = clock
        self._runs = runs
        self._preparations = preparations
        self._releases = releases
        self._scheduler = scheduler
        self._files = files
        runs.on_completed = self._task_completed
        runs.on_wait = self._task_waits
        releases.on_released = self._released
        self.on_ended: Callable[[Account], None] = lambda _account: None
        clock.on(_SETTLE, self._settle)
        clock.on(_EXPIRE, self._expire)

    def disable(self, account: Account, job: Job, option: str) -> None:
        """Let no task of *job* begin; *option* (requeue, terminate, wait) is for those that run."""
        job.enter("disabling", self._clock.now())
        self._stop(account, job, option)
        self._soon(account, job)

    def enable(self, account: Account, job: Job) -> None:
        """Let tasks of *job* begin again."""
        job.enter("enabling", self._clock.now())
        self._soon(account, job)

    def terminate(self, account: Account, job: Job, reason: str) -> None:
        """End *job*: what runs is ended, then the release tasks run, then it is completed."""
        job.enter("terminating", self._clock.now())
        job.terminate_reason = reason
        self._stop(account, job, "terminate")
        self._soon(account, job)

    def delete(self, account: Account, job: Job) -> None:
        """Let *job* go, its tasks and their files too."""
        job.enter("deleting", self._clock.now())
        self._stop(account, job, "terminate")
        self._soon(account, job)

    def watch(self, account: Account, job: Job) -> None:
        """Look at a job that was added or changed: it may be at its end, now or at a moment."""
        if limit := after(job.created, job.properties["constraints"]["maxWallClockTime"]):
            self._clock.schedule(limit, _EXPIRE, *_names(account, job))
        self._check_complete(account, job)

    def resume(self, account: Account, job: Job) -> None:
        """Take up what the end of the process has interrupted: what ran begins anew."""
        self._preparations.stop(job)
        for node in [node for node, run in job.releases.items() if run.state == RUNNING]:
            del job.releases[node]
        for task in [task for task in job.tasks.values() if task.on_node]:
            self._runs.requeue(account, job, task, by_user=False)
        if job.state in _PASSING:
            self._soon(account, job)

    def _task_waits(self, account: Account, job: Job, task: Task) -> None:
        self._scheduler.wake(account, job.pool, task.resumes)
        self._settle_if_stopped(account, job)

    def _task_completed(self, account: Account, job: Job, task: Task) -> None:
        self._files.keep(account, job, task)
        self._scheduler.wake(account, job.pool)
        self._settle_if_stopped(account, job)
        if job.state not in {ACTIVE, "disabled", "disabling", "enabling"}:
            return
        manager = job.properties.get("jobManagerTask", {})
        action = job_action(job, task)
        if manager.get("killJobOnCompletion") and manager["id"].lower() == task.id.lower():
            self.terminate(account, job, "JMComplete")
        elif action == "terminate":
            self.terminate(account, job, "TaskFailed")
        elif action == "disable" and job.state in {ACTIVE, "enabling"}:
            self.disable(account, job, "requeue")
        else:
            self._check_complete(account, job)

    def _check_complete(self, account: Account, job: Job) -> None:
        done = all(task.state == COMPLETED for task in job.tasks.values())
        if job.state == ACTIVE and done and job.properties["onAllTasksComplete"] == "terminatejob":
            self.terminate(account, job, "AllTasksComplete")

    def _stop(self, account: Account, job: Job, option: str) -> None:
        for task in [task for task in job.tasks.values() if task.on_node]:
            if option == "terminate":
                self._runs.end(account, job, task, f"The job is {job.state}.")
            elif option == "requeue":
                self._runs.requeue(account, job, task, by_user=True)
        if option != "wait":
            self._preparations.stop(job)

    def _settle_if_stopped(self, account: Account, job: Job) -> None:
        if job.state in _PASSING and not any(task.on_node for task in job.tasks.values()):
            self._soon(account, job)

    def _soon(self, account: Account, job: Job) -> None:
        self._clock.schedule(self._clock.now(), _SETTLE, *_names(account, job))

    def _settle(self, *names: str) -> None:
        """Let a job arrive in the state it is on its way to, once none of its tasks runs any more."""
        found = self._find(*names)
        if found is None or any(task.on_node for task in found[1].tasks.values()):
            return
        account, job = found
        if job.state == "disabling":
            job.enter("disabled", self._clock.now())
        elif job.state == "enabling":
            job.enter(ACTIVE, self._clock.now())
            self._scheduler.wake(account, job.pool)
            self._check_complete(account, job)
        elif job.state in {"terminating", "deleting"}:
            self._releases.begin(account, job)

    def _released(self, account: Account, job: Job) -> None:
        if job.state == "terminating":
            job.ended = self._clock.now()
            job.enter(COMPLETED, job.ended)
        elif account.jobs.get(job.id.lower()) is job:
            self._files.forget_all(account, job)
            del account.jobs[job.id.lower()]
        self.on_ended(account)

    def _expire(self, *names: str) -> None:
        found = self._find(*names)
        if found is None or found[1].state in {"terminating", COMPLETED, "deleting"}:
            return
        account, job = found
        limit = after(job.created, job.properties["constraints"]["maxWallClockTime"])
        if limit and limit <= self._clock.now():  # else it was given more time
            self.terminate(account, job, "MaxWallClockTimeExpiry")

    def _find(self, account_name: str, job_name: str, created: str) -> tuple[Account, Job] | None:
        account = self._state.accounts.get(account_name)
        job = account.jobs.get(job_name) if account else None
        return (account, job) if account and job and job.created.isoformat() == created else None


def _names(account: Account, job: Job) -> tuple[str, str, str]:
    return account.name.lower(), job.id.lower(), job.created.isoformat()
