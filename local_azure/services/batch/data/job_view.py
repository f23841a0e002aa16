"""A job as the data plane shows it, with its preparation and release on nodes.

Source: CloudJob and JobPreparationAndReleaseTaskExecutionInformation in the Batch service API description
2024-02-01.19.0; BatchJob of azure-batch 15.1.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from local_azure.services.batch.data.execution_view import special_view
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, PREPARING, RUNNING, Job


def job_view(host: str, job: Job) -> dict[str, Any]:
    """The whole job."""
    shown: dict[str, Any] = {
        "id": job.id,
        "url": f"https://{host}/jobs/{job.id}",
        "eTag": job.etag,
        "lastModified": stamp(job.modified),
        "creationTime": stamp(job.created),
        "state": job.state,
        "stateTransitionTime": stamp(job.state_since),
        **job.properties,
        "executionInfo": {"startTime": stamp(job.created), "poolId": job.properties["poolInfo"]["poolId"]},
    }
    if job.previous_since:
        shown["previousState"] = job.previous_state
        shown["previousStateTransitionTime"] = stamp(job.previous_since)
    if job.state == COMPLETED and job.ended:
        shown["executionInfo"] |= {"endTime": stamp(job.ended), "terminateReason": job.terminate_reason}
    return shown


def counts_view(job: Job) -> dict[str, Any]:
    """How many tasks, and how many task slots, are in each state; what is being prepared counts as running."""
    tasks: Counter[str] = Counter()
    slots: Counter[str] = Counter()
    for task in job.tasks.values():
        state = RUNNING if task.state == PREPARING else task.state
        kinds = [state]
        if state == COMPLETED:
            kinds.append("succeeded" if task.execution.succeeded else "failed")
        for kind in kinds:
            tasks[kind] += 1
            slots[kind] += task.slots
    names = (ACTIVE, RUNNING, COMPLETED, "succeeded", "failed")
    return {
        "taskCounts": {name: tasks[name] for name in names},
        "taskSlotCounts": {name: slots[name] for name in names},
    }


def node_status_view(host: str, job: Job, node: str) -> dict[str, Any]:
    """The job's preparation and release on one node."""
    preparation, release = job.preparations[node], job.releases.get(node)
    shown: dict[str, Any] = {
        "poolId": preparation.pool,
        "nodeId": node,
        "nodeUrl": f"https://{host}/pools/{preparation.pool}/nodes/{node}",
        "jobPreparationTaskExecutionInfo": special_view(
            host, preparation, job.folder(job.properties["jobPreparationTask"]["id"]), retries=True
        ),
    }
    if release:
        folder = job.folder(job.properties["jobReleaseTask"]["id"])
        shown["jobReleaseTaskExecutionInfo"] = special_view(host, release, folder, retries=False)
    return shown
