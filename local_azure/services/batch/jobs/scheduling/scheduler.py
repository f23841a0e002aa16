"""Brings waiting tasks onto nodes whenever something may have made room or work."""

from __future__ import annotations

from datetime import datetime

from local_azure.clock import Clock
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.jobs.running.preparing import Preparations
from local_azure.services.batch.jobs.running.runs import Runs
from local_azure.services.batch.jobs.scheduling.placing import placements, slots_of
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.jobs import Job
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool

_EVENT = "batch.jobs.schedule"


class Scheduler:
    """Looks at a pool and its jobs; many calls of `wake` at one instant are one look."""

    def __init__(self, state: BatchState, clock: Clock, runs: Runs, preparations: Preparations) -> None:
        self._state = state
        self._clock = clock
        self._runs = runs
        self._preparations = preparations
        self._woken: set[tuple[str, str]] = set()
        clock.on(_EVENT, self._look)

    def wake(self, account: Account, pool: str, at: datetime | None = None) -> None:
        """Look at *pool* soon, or *at* a moment; a pool without jobs is not looked at."""
        names = (account.name.lower(), pool.lower())
        if not jobs_of(account, pool):
            return
        if at is not None:
            self._clock.schedule(at, _EVENT, *names)
        elif names not in self._woken:
            self._woken.add(names)
            self._clock.schedule(self._clock.now(), _EVENT, *names)

    def node_changed(self, account: Account, pool: Pool, node: Node) -> None:
        """A node may take tasks now, or no longer."""
        del node
        self.wake(account, pool.name)

    def _look(self, account_name: str, pool_name: str) -> None:
        self._woken.discard((account_name, pool_name))
        account = self._state.accounts.get(account_name)
        pool = account.pools.get(pool_name) if account else None
        if account is None or pool is None or pool.deleting:
            return
        jobs = jobs_of(account, pool_name)
        for job, task, node in list(placements(pool, jobs, self._clock.now(), self._preparations.bars)):
            self._runs.begin(Host(account, pool, node), job, task, slots_of(job, task, pool))


def jobs_of(account: Account, pool: str) -> list[Job]:
    """The jobs whose tasks run on *pool*."""
    return [job for job in account.jobs.values() if job.pool == pool.lower()]
