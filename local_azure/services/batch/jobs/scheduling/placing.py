"""Which task goes onto which node: pure decisions.

Source: "Nodes and pools in Azure Batch" (task scheduling policy), "Run tasks concurrently to maximize usage of Batch
compute nodes" (slots, pack and spread), AffinityInformation in the Batch service API description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from local_azure.services.batch.jobs.scheduling.exits import dependencies_met
from local_azure.services.batch.state.jobs import ACTIVE, Job, Task
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool

_LIFETIME = timedelta(days=180)  # Task - Add: a task that is older does not run any more
_AFFINITY = "TVM:"

Bars = Callable[[Job, Node], bool]


@dataclass
class _Place:
    """A node that takes tasks. *free*: its task slots that are not taken."""

    node: Node
    free: int


@dataclass(frozen=True)
class _Wanted:
    """A task that looks for a node."""

    job: Job
    task: Task
    slots: int
    bars: Bars

    def fits(self, place: _Place) -> bool:
        if place.free < self.slots or self.bars(self.job, place.node):
            return False
        spot_refused = (
            _is_manager(self.job, self.task) and not self.job.properties["jobManagerTask"]["allowLowPriorityNode"]
        )
        return place.node.dedicated or not spot_refused


def placements(pool: Pool, jobs: Iterable[Job], now: datetime, bars: Bars) -> Iterator[tuple[Job, Task, Node]]:
    """The tasks that can begin now, each with the node it goes to.

    *bars* tells whether a job may not run on a node, where its preparation has failed.
    """
    slots_each = int(pool.properties["taskSlotsPerNode"])
    open_nodes = (node for node in pool.nodes.values() if _takes_tasks(node))
    places = {node.id: _Place(node, slots_each - sum(node.running.values())) for node in open_nodes}
    places = {name: place for name, place in places.items() if place.free > 0}
    pack = pool.properties["taskSchedulingPolicy"]["nodeFillType"] == "Pack"
    for job in sorted(jobs, key=lambda job: (-job.properties["priority"], job.created)):
        room = _room(job)
        for task in sorted(_ready(job, now), key=lambda task: task.order):
            if not places or room == 0:
                break
            wanted = _Wanted(job, task, slots_of(job, task, pool), bars)
            if place := _near(wanted, places) or _best(wanted, places, pack=pack):
                place.free -= wanted.slots
                room -= 1
                if place.free <= 0:
                    del places[place.node.id]
                yield job, task, place.node


def slots_of(job: Job, task: Task, pool: Pool) -> int:
    """How many slots of a node *task* takes: all, for a job manager that wants its node for itself."""
    exclusive = _is_manager(job, task) and job.properties["jobManagerTask"]["runExclusive"]
    return int(pool.properties["taskSlotsPerNode"]) if exclusive else task.slots


def ready_count(job: Job, now: datetime) -> int:
    """How many tasks of *job* wait for a node."""
    return sum(1 for _ in _ready(job, now))


def _ready(job: Job, now: datetime) -> Iterator[Task]:
    if not job.schedules:
        return
    for task in job.tasks.values():
        if task.state != ACTIVE or now - task.created > _LIFETIME:
            continue
        if (task.resumes is None or task.resumes <= now) and dependencies_met(job, task):
            yield task


def _room(job: Job) -> int:
    """How many more tasks of *job* may run at a time; -1 for any number."""
    limit = int(job.properties["maxParallelTasks"])
    return -1 if limit < 0 else max(limit - sum(task.on_node for task in job.tasks.values()), 0)


def _takes_tasks(node: Node) -> bool:
    return node.state in {"idle", "running"} and node.scheduling == "enabled" and node.booted and not node.awaiting


def _is_manager(job: Job, task: Task) -> bool:
    return bool(job.properties.get("jobManagerTask", {}).get("id", "").lower() == task.id.lower())


def _near(wanted: _Wanted, places: dict[str, _Place]) -> _Place | None:
    """The node that the task wants to be on, where it fits; the wish is a soft one."""
    affinity = str(wanted.task.properties.get("affinityInfo", {}).get("affinityId", ""))
    place = places.get(affinity.removeprefix(_AFFINITY))
    return place if place and wanted.fits(place) else None


def _best(wanted: _Wanted, places: dict[str, _Place], *, pack: bool) -> _Place | None:
    """The fullest node that the task fits on (pack), or the emptiest (spread)."""
    fitting = (place for place in places.values() if wanted.fits(place))
    return min(fitting, key=lambda place: (place.free if pack else -place.free, place.node.index), default=None)
