"""Jobs and tasks, put together."""

from __future__ import annotations

from local_azure.clock import Clock
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.jobs.clearing import Clearing
from local_azure.services.batch.jobs.endings import Endings
from local_azure.services.batch.jobs.jobs import Jobs
from local_azure.services.batch.jobs.running.launcher import Launcher
from local_azure.services.batch.jobs.running.occupation import Occupation
from local_azure.services.batch.jobs.running.preparing import Preparations
from local_azure.services.batch.jobs.running.releasing import Releases
from local_azure.services.batch.jobs.running.runs import Runs
from local_azure.services.batch.jobs.scheduling.scheduler import Scheduler
from local_azure.services.batch.jobs.task_files import TaskFiles
from local_azure.services.batch.jobs.tasks import Tasks
from local_azure.services.batch.state.accounts import BatchState


class Work:
    """What is run on the nodes of all pools.

    Attributes:
        jobs, tasks, files: what clients ask for.
        endings: how jobs come to their end.
        clearing: takes the tasks from nodes.
    """

    def __init__(self, state: BatchState, clock: Clock, fleet: Fleet, lifecycle: Lifecycle) -> None:
        self._state = state
        self._launcher = Launcher(clock, fleet)
        preparations, releases = Preparations(state, clock, self._launcher), Releases(clock, self._launcher)
        occupation = Occupation(lifecycle.states)
        runs = Runs(clock, self._launcher, preparations, occupation)
        scheduler = Scheduler(state, clock, runs, preparations)
        self.files = TaskFiles(state, clock, fleet, self._launcher.stopped)
        self.tasks = Tasks(clock, runs, scheduler, self.files)
        self.endings = Endings(state, clock, runs, preparations, releases, scheduler, self.files)
        self.jobs = Jobs(clock, scheduler, self.tasks, self.endings)
        self.clearing = Clearing(lifecycle, runs, preparations, occupation, self.files)
        lifecycle.states.on_change.append(scheduler.node_changed)

    def resume(self) -> None:
        """Take up what the end of the process has interrupted: tasks that ran wait for a node again."""
        for account in self._state.accounts.values():
            for job in list(account.jobs.values()):
                self.endings.resume(account, job)

    async def close(self) -> None:
        """End what runs, without a word of it in the state."""
        await self._launcher.close()
