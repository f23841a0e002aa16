"""A job's release task: on each node that was prepared for the job, once the job is at its end.

Source: JobReleaseTask in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from local_azure.clock import Clock
from local_azure.services.batch.fleet import failures
from local_azure.services.batch.jobs.running.commands import machine_task
from local_azure.services.batch.jobs.running.host import Host, find_host, on_its_disk
from local_azure.services.batch.jobs.running.launcher import Launcher, Outcome
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import COMPLETED, RUNNING, Job, SpecialRun

_TASK = "jobReleaseTask"


class Releases:
    """Releases nodes from jobs. *on_released* hears of each job that is done with it."""

    def __init__(self, clock: Clock, launcher: Launcher) -> None:
        self._clock = clock
        self._launcher = launcher
        self._going: set[int] = set()
        self.on_released: Callable[[Account, Job], None] = lambda _account, _job: None

    def begin(self, account: Account, job: Job) -> None:
        """Run the release task on each node that was prepared for *job* and still is as it was then, once."""
        if id(job) in self._going:
            return
        hosts = [] if job.released or _TASK not in job.properties else _prepared(account, job)
        self._going.add(id(job))
        for host in hosts:
            run = job.releases[host.node.id] = SpecialRun(host.pool.name, host.node.id, first=self._clock.now())
            self._launch(host, job, run)
        self._check(account, job)

    def _launch(self, host: Host, job: Job, run: SpecialRun) -> None:
        properties = job.properties[_TASK]
        run.execution.started = self._clock.now()
        self._launcher.launch(
            host,
            machine_task(host, job, properties, properties["id"]),
            properties["maxWallClockTime"],
            functools.partial(self._ended, host, job, run),
            instead=failures.download_failure(properties),
        )

    def _ended(self, host: Host, job: Job, run: SpecialRun, outcome: Outcome) -> None:
        run.execution.ended, run.execution.exit_code = self._clock.now(), outcome.exit_code
        run.execution.failure = failures.ended_failure("The node was lost.") if outcome.lost else outcome.failure
        run.state = COMPLETED
        self._check(host.account, job)

    def _check(self, account: Account, job: Job) -> None:
        if id(job) in self._going and not any(run.state == RUNNING for run in job.releases.values()):
            self._going.discard(id(job))
            job.released = True
            self.on_released(account, job)


def _prepared(account: Account, job: Job) -> list[Host]:
    """The nodes that are up and hold what the job's preparation has left there."""
    return [
        host
        for run in job.preparations.values()
        if (host := find_host(account, run.pool, run.node)) and host.node.booted
        if run.state == COMPLETED and on_its_disk(run.execution, host.node)
    ]
