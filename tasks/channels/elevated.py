"""A script run as root on each of some nodes, by tasks of Batch: no port, no user and no key of a node is needed.

A task's affinity is a wish: where a node's slots are taken, Batch puts the task on another node. So each task names its
node to itself, does nothing on any other, and is added anew until it comes to the right one or its time is over.

Sources: Batch service API 2025-06-01, AffinityInformation ("a soft affinity"); "Azure Batch runtime environment
variables".
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from azure.batch import BatchClient

from batchcert.problems import Problem
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import task_jobs
from tasks.azure_api.server_time import ServiceClock
from tasks.channels import faults
from tasks.channels.carrier import job_variables
from tasks.channels.errands import Errands
from tasks.channels.values import Bounds, Ran, Work

LARGEST_SCRIPT = 120 * 1024  # bytes; Linux gives one string of an environment 128 KiB (execve(2), MAX_ARG_STRLEN)
_SPARE = timedelta(minutes=10)  # for reading the outputs, before Batch ends a job that a killed run has left


def run_elevated(
    api: BatchClient,
    clock: ServiceClock,
    work: Work,
    nodes: Iterable[str],
    bounds: Bounds,
    *,
    tell: Callable[[str], None],
    on_ran: Callable[[Ran], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, Ran]:
    """Run the script as root on each of *nodes* (ids, of nodes that are idle or running); what came of each, by id.

    It runs once on a node, and on no other. One job is made for all, and removed however this ends: also where an
    exception is raised in the calling thread, as by a cancellation. *on_ran* is told each node's end in that thread;
    *tell*, that the job could not be removed. *clock* tells the service's time, which *api*'s answers bring.

    Raises: Problem `task-script-too-large`; where Batch takes no job, what it says.
    """
    size = len(work.script.encode())
    if size > LARGEST_SCRIPT:
        raise faults.too_large(size, LARGEST_SCRIPT)
    wanted = list(dict.fromkeys(nodes))
    if not wanted:
        return {}
    affinities = batch_nodes.affinities(api, work.pool)
    with _job(api, work, bounds, tell) as job:
        errands = Errands(api, clock, job, affinities, bounds, sleep=sleep, monotonic=monotonic)
        return errands.run(wanted, on_ran)


def remove_left(api: BatchClient, pool: str, prefix: str) -> list[str]:
    """Remove the pool's jobs that an interrupted run left, by how their names begin; returns their ids.

    Only one run at a time is to have such jobs on a pool.
    """
    left = task_jobs.left(api, pool, prefix)
    for job in left:
        task_jobs.delete(api, job)
    return left


def job_name(work: Work) -> str:
    """A new name for the job, within Batch's 64 characters; of the pool it has a digest."""
    pool = hashlib.sha256(work.pool.lower().encode()).hexdigest()[:8]
    return f"{work.prefix}{pool}-{uuid.uuid4().hex[:12]}"


@contextmanager
def _job(api: BatchClient, work: Work, bounds: Bounds, tell: Callable[[str], None]) -> Iterator[str]:
    name = job_name(work)
    lifetime = timedelta(seconds=bounds.wait_seconds + bounds.run_seconds) + _SPARE
    try:
        task_jobs.create(api, name, work.pool, job_variables(work.script), lifetime)
        yield name
    finally:
        try:
            task_jobs.delete(api, name)
        except Problem as problem:
            tell(f"job {name} is left for the next run to remove: {problem}")
