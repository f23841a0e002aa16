"""What a formula can know of a pool: samples of how many tasks and nodes there were.

Nothing is recorded: tasks bear the dates by which each sample can be told afterwards. What is deleted is forgotten, and
node counts are those of now. The resource metrics ($CPUPercent and the like) have no samples, since no agent measures
a node here. Source: "Obtain sample data" of the document on automatic scaling: a sample every 30 seconds. Batch's
samples come about a minute late; here they do not, and GetSamplePercent can be 100 (as in Azure/Batch#120).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from local_azure.services.batch.jobs.scheduling.exits import dependencies_met
from local_azure.services.batch.state.jobs import COMPLETED, Job, Task
from local_azure.services.batch.state.pools import Pool

PERIOD = timedelta(seconds=30)
_UNMEASURED = (
    "cpupercent",
    "wallclockseconds",
    "memorybytes",
    "diskbytes",
    "diskreadbytes",
    "diskwritebytes",
    "diskreadops",
    "diskwriteops",
    "networkinbytes",
    "networkoutbytes",
)


@dataclass(frozen=True)
class Metric:
    """A service-defined variable: *at* gives its value at a moment, *since* when there are samples; None for never."""

    name: str
    at: Callable[[datetime], float]
    since: datetime | None
    now: datetime

    def samples(self, start: datetime, end: datetime) -> tuple[float, ...]:
        """The samples from *start* to *end*, the oldest first."""
        if self.since is None or end <= start:
            return ()
        first = max(start, self.since)
        count = int((min(end, self.now) - first) / PERIOD)
        return tuple(self.at(first + PERIOD * (number + 1)) for number in range(max(count, 0)))

    def newest(self, count: int) -> tuple[float, ...]:
        """The newest *count* samples; at least one, as soon as there is a pool."""
        found = self.samples(self.now - PERIOD * count, self.now)
        return found or ((self.at(self.now),) if self.since is not None and count > 0 else ())

    def percent(self, start: datetime, end: datetime) -> float:
        """How many of the possible samples from *start* to *end* there are, in percent."""
        possible = int((end - start) / PERIOD)
        return 100.0 * len(self.samples(start, end)) / possible if possible > 0 else 0.0

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(self.samples(self.since, self.now)) if self.since is not None else 0


def metrics_of(pool: Pool, jobs: Iterable[Job], now: datetime) -> dict[str, Metric]:
    """The read-only variables of a pool's formula, by lower-cased name without the dollar sign."""
    tasks = [(job, task) for job in jobs for task in job.tasks.values()]

    def counting(name: str, wanted: Callable[[Job, Task, datetime], bool]) -> Metric:
        return Metric(name, lambda t: float(sum(wanted(j, task, t) for j, task in tasks)), pool.created, now)

    def constant(name: str, value: float) -> Metric:
        return Metric(name, lambda _moment: value, pool.created, now)

    dedicated = float(sum(node.dedicated for node in pool.nodes.values()))
    found = [
        counting("$ActiveTasks", lambda j, task, t: _pending(task, t) and not _running(task, t) and _ready(j, task)),
        counting("$RunningTasks", lambda _j, task, t: _running(task, t)),
        counting("$PendingTasks", lambda j, task, t: _pending(task, t) and (_running(task, t) or _ready(j, task))),
        counting("$SucceededTasks", lambda _j, task, t: _over(task, t) and task.execution.succeeded),
        counting("$FailedTasks", lambda _j, task, t: _over(task, t) and not task.execution.succeeded),
        constant("$CurrentDedicatedNodes", dedicated),
        constant("$CurrentLowPriorityNodes", len(pool.nodes) - dedicated),
        constant("$PreemptedNodeCount", float(pool.in_states("preempted"))),
        constant("$SampleNodeCount", float(len(pool.nodes))),
        constant("$UsableNodeCount", float(pool.in_states("idle", "running"))),
        constant("$TaskSlotsPerNode", float(pool.properties["taskSlotsPerNode"])),
        *(Metric(f"${name}", lambda _moment: 0.0, None, now) for name in _UNMEASURED),
    ]
    return {metric.name[1:].lower(): metric for metric in found}


def _pending(task: Task, moment: datetime) -> bool:
    return task.created <= moment and not _over(task, moment)


def _running(task: Task, moment: datetime) -> bool:
    execution = task.execution
    started, ended = execution.started, execution.ended
    return started is not None and started <= moment and (ended is None or moment < ended)


def _over(task: Task, moment: datetime) -> bool:
    return task.state == COMPLETED and task.execution.ended is not None and task.execution.ended <= moment


def _ready(job: Job, task: Task) -> bool:
    return job.schedules and dependencies_met(job, task)
