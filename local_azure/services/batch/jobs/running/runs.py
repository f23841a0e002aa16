"""Tasks on nodes: they begin, run for real, end, are retried, are ended.

Source: TaskState, TaskConstraints, TaskExecutionInformation in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from local_azure.clock import Clock
from local_azure.services.batch.fleet import failures
from local_azure.services.batch.fleet.backoff import next_wait
from local_azure.services.batch.jobs.running.commands import machine_task
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.jobs.running.launcher import Launcher, Outcome
from local_azure.services.batch.jobs.running.occupation import Occupation
from local_azure.services.batch.jobs.running.preparing import Preparations
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, PREPARING, RUNNING, Failure, Job, Task

Heard = Callable[[Account, Job, Task], None]


class Runs:
    """The tasks that are on nodes.

    *on_completed* hears of each that has come to its end, *on_wait* of each that has come back to wait again.
    """

    def __init__(self, clock: Clock, launcher: Launcher, preparations: Preparations, occupation: Occupation) -> None:
        self._clock = clock
        self._launcher = launcher
        self._preparations = preparations
        self._occupation = occupation
        self._launched: dict[int, str] = {}
        self.on_completed: Heard = lambda _account, _job, _task: None
        self.on_wait: Heard = lambda _account, _job, _task: None
        preparations.on_prepared = self._prepared

    def begin(self, host: Host, job: Job, task: Task, slots: int) -> None:
        """Give *task* to a node; it takes *slots* of the node's task slots."""
        task.pool, task.node, task.resumes, task.files_removed = host.pool.name, host.node.id, None, False
        self._occupation.take(host, job, task, slots)
        waits = self._preparations.begin(host, job)
        task.enter(PREPARING if waits else RUNNING, self._clock.now())
        if not waits:
            self._start(host, job, task)

    def end(self, account: Account, job: Job, task: Task, why: str) -> None:
        """End *task*, wherever it is; it is completed and has failed."""
        self._withdraw(account, job, task)
        self._complete(account, job, task, failures.ended_failure(why))

    def requeue(self, account: Account, job: Job, task: Task, *, by_user: bool) -> None:
        """Take a task from its node and put it back among those that wait; *by_user*: a request has asked for it."""
        self._withdraw(account, job, task)
        now = self._clock.now()
        if by_user:
            task.execution.requeues, task.execution.last_requeue = task.execution.requeues + 1, now
        task.enter(ACTIVE, now)
        self.on_wait(account, job, task)

    def _withdraw(self, account: Account, job: Job, task: Task) -> None:
        """Let the node go on without *task*: what runs of it is ended."""
        self._launcher.cancel(self._launched.pop(id(task), ""))
        self._occupation.give_back(account, job, task)

    def _prepared(self, host: Host, job: Job, ready: bool) -> None:
        """The node is ready for the tasks that wait for it; or it is not, and they look for another."""
        for task in [t for t in job.tasks.values() if t.state == PREPARING and t.node == host.node.id]:
            if ready:
                task.enter(RUNNING, self._clock.now())
                self._start(host, job, task)
            else:
                self.requeue(host.account, job, task, by_user=False)

    def _start(self, host: Host, job: Job, task: Task) -> None:
        now, properties, execution = self._clock.now(), task.properties, task.execution
        execution.started, execution.ended, execution.exit_code, execution.failure = now, None, None, None
        if execution.retries:
            execution.last_retry = now
        self._launched[id(task)] = self._launcher.launch(
            host,
            machine_task(host, job, properties, task.id),
            properties["constraints"]["maxWallClockTime"],
            functools.partial(self._ended, host, job, task),
            instead=failures.download_failure(properties),
        )

    def _ended(self, host: Host, job: Job, task: Task, outcome: Outcome) -> None:
        self._launched.pop(id(task), None)
        if outcome.lost:
            self.requeue(host.account, job, task, by_user=False)
            return
        outcome = _after_upload(task, outcome)
        self._occupation.give_back(host.account, job, task, ran=True, succeeded=outcome.failure is None)
        now, execution = self._clock.now(), task.execution
        execution.ended, execution.exit_code = now, outcome.exit_code
        allowed = task.properties["constraints"]["maxTaskRetryCount"]
        if outcome.exit_code and (allowed < 0 or execution.retries < allowed):
            execution.retries += 1
            task.enter(ACTIVE, now)
            task.resumes = now + next_wait(task.created, now)
            self.on_wait(host.account, job, task)
        else:
            self._complete(host.account, job, task, outcome.failure)

    def _complete(self, account: Account, job: Job, task: Task, failure: Failure | None) -> None:
        now = self._clock.now()
        task.execution.ended, task.execution.failure = now, failure
        task.enter(COMPLETED, now)
        self.on_completed(account, job, task)


def _after_upload(task: Task, outcome: Outcome) -> Outcome:
    """*outcome*, with a failed upload of output files where the command itself went well."""
    files = task.properties.get("outputFiles", ())
    if not files or outcome.exit_code is None:
        return outcome
    return replace(outcome, failure=outcome.failure or failures.failed_upload(files, outcome.exit_code))
