"""A job's preparation task: once on each node, before the job's first task there.

Source: JobPreparationTask in the Batch service API description 2024-02-01.19.0; "Run job preparation and job release
tasks on Azure Batch compute nodes".
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from local_azure.clock import Clock
from local_azure.services.batch.fleet import failures
from local_azure.services.batch.fleet.backoff import next_wait
from local_azure.services.batch.jobs.running.commands import machine_task
from local_azure.services.batch.jobs.running.host import Host, find_host, on_its_disk
from local_azure.services.batch.jobs.running.launcher import Launcher, Outcome
from local_azure.services.batch.state.accounts import BatchState
from local_azure.services.batch.state.jobs import COMPLETED, RUNNING, Job, SpecialRun
from local_azure.services.batch.state.nodes import Node

_RETRY = "batch.job.prepare"
_TASK = "jobPreparationTask"


class Preparations:
    """Prepares nodes for jobs. *on_prepared* hears of each that has come to its end, and whether it went well."""

    def __init__(self, state: BatchState, clock: Clock, launcher: Launcher) -> None:
        self._state = state
        self._clock = clock
        self._launcher = launcher
        self._launched: dict[tuple[int, str], str] = {}
        self.on_prepared: Callable[[Host, Job, bool], None] = lambda _host, _job, _ready: None
        clock.on(_RETRY, self._retry)

    def begin(self, host: Host, job: Job) -> bool:
        """Prepare the node for *job*, where that has still to be done; whether tasks of the job must wait for it."""
        if not self._needed(job, host.node):
            return False
        run = job.preparations.get(host.node.id)
        if run is None or run.state != RUNNING:
            run = job.preparations[host.node.id] = SpecialRun(host.pool.name, host.node.id, first=self._clock.now())
            self._attempt(host, job, run)
        return bool(job.properties[_TASK]["waitForSuccess"])

    def bars(self, job: Job, node: Node) -> bool:
        """Whether the job's preparation has failed on *node*, which then has no task of the job until a reimage."""
        run = job.preparations.get(node.id)
        if run is None or run.state != COMPLETED or run.execution.succeeded:
            return False
        return bool(job.properties[_TASK]["waitForSuccess"]) and on_its_disk(run.execution, node)

    def stop(self, job: Job, node_id: str = "") -> None:
        """End the preparations of *job* that run, on one node or on all; they begin anew where they are needed."""
        for run in [run for run in job.preparations.values() if run.state == RUNNING]:
            if node_id in {"", run.node}:
                self._launcher.cancel(self._launched.pop((id(job), run.node), ""))
                del job.preparations[run.node]

    def _needed(self, job: Job, node: Node) -> bool:
        """Whether the node has not been prepared, or is not any more: a fresh disk never is, a restart as it says."""
        if _TASK not in job.properties:
            return False
        run = job.preparations.get(node.id)
        if run is None or not run.execution.succeeded or not on_its_disk(run.execution, node):
            return True
        rebooted = bool(node.last_boot and run.execution.started and node.last_boot > run.execution.started)
        return rebooted and bool(job.properties[_TASK]["rerunOnNodeRebootAfterSuccess"])

    def _attempt(self, host: Host, job: Job, run: SpecialRun) -> None:
        properties, execution = job.properties[_TASK], run.execution
        execution.started, execution.ended, execution.exit_code = self._clock.now(), None, None
        self._launched[id(job), host.node.id] = self._launcher.launch(
            host,
            machine_task(host, job, properties, properties["id"]),
            properties["constraints"]["maxWallClockTime"],
            functools.partial(self._ended, host, job, run),
            instead=failures.download_failure(properties),
        )

    def _ended(self, host: Host, job: Job, run: SpecialRun, outcome: Outcome) -> None:
        self._launched.pop((id(job), host.node.id), None)
        if outcome.lost:
            job.preparations.pop(host.node.id, None)
            self.on_prepared(host, job, False)
            return
        now, execution = self._clock.now(), run.execution
        execution.ended, execution.exit_code, execution.failure = now, outcome.exit_code, outcome.failure
        allowed = job.properties[_TASK]["constraints"]["maxTaskRetryCount"]
        if outcome.exit_code and (allowed < 0 or execution.retries < allowed):
            names = (host.account.name.lower(), job.id.lower(), job.created.isoformat(), host.node.id)
            self._clock.schedule(now + next_wait(run.first or now, now), _RETRY, *names)
            return
        run.state = COMPLETED
        self.on_prepared(host, job, execution.succeeded)

    def _retry(self, account_name: str, job_name: str, created: str, node_id: str) -> None:
        account = self._state.accounts.get(account_name)
        job = account.jobs.get(job_name) if account else None
        run = job.preparations.get(node_id) if job else None
        if not account or not job or not run or job.created.isoformat() != created or run.state != RUNNING:
            return
        host = find_host(account, run.pool, node_id)
        if host is None or (id(job), node_id) in self._launched:
            return
        run.execution.retries += 1
        run.execution.last_retry = self._clock.now()
        self._attempt(host, job, run)
