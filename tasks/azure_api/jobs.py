"""Jobs, as Batch's data plane tells them; moving one to another pool without ending any of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from azure.batch import BatchClient
from azure.batch.models import (
    BatchJob,
    BatchJobDisableOptions,
    BatchJobUpdateOptions,
    BatchMetadataItem,
    BatchPoolInfo,
    DisableBatchJobOption,
)

from batchcert.plan.changing.jobs import MOVING, Job
from tasks.azure_api.faults import explained
from tasks.azure_api.plain import word
from tasks.azure_api.waiting import finished

POLL_SECONDS = 1
SETTLE_LIMIT = timedelta(minutes=5)  # a job without running tasks is disabled and enabled within seconds


@explained
def listed(api: BatchClient) -> list[Job]:
    """All jobs of the account; how many tasks of each run is not asked."""
    return [_job(job) for job in api.list_jobs()]


@explained
def read(api: BatchClient, job: str) -> Job:
    """The job, with how many of its tasks run."""
    return _job(api.get_job(job), running_tasks(api, job))


@explained
def running_tasks(api: BatchClient, job: str) -> int:
    """How many tasks of the job run."""
    return int(api.get_job_task_counts(job).task_counts.running or 0)


@explained
def schedules_of(api: BatchClient, pool: str) -> list[str]:
    """The ids of the job schedules whose jobs are to run on the pool."""
    bound = (
        (str(one.id), one.job_specification.pool_info.pool_id or "")
        for one in api.list_job_schedules()
        if word(one.state).lower() not in {"completed", "terminating", "deleting"}
    )
    return [schedule for schedule, its_pool in bound if its_pool.lower() == pool.lower()]


@explained
def mark(api: BatchClient, job: Job, new_pool: str) -> None:
    """Have its metadata say that it is on its way to *new_pool*."""
    _set_metadata(api, job.id, {**job.metadata, MOVING: new_pool})


@explained
def unmark(api: BatchClient, job: Job) -> None:
    """Have its metadata say nothing of it any more."""
    _set_metadata(api, job.id, {name: value for name, value in job.metadata.items() if name != MOVING})


@explained
def disable(api: BatchClient, job: str) -> None:
    """Let no more task of the job begin; those that run go on, and are waited for.

    Raises: Problem `azure-operation-slow`, which passes, where they still run after some minutes.
    """
    wait = BatchJobDisableOptions(disable_tasks=DisableBatchJobOption.WAIT)
    poller = api.begin_disable_job(job, wait, polling_interval=POLL_SECONDS)
    finished(poller, SETTLE_LIMIT, f"the end of all tasks of job {job}")


@explained
def enable(api: BatchClient, job: str) -> None:
    """Let tasks of the job begin again."""
    finished(api.begin_enable_job(job, polling_interval=POLL_SECONDS), SETTLE_LIMIT, f"the enabling of job {job}")


@explained
def set_pool(api: BatchClient, job: str, pool: str) -> None:
    """Bind the job, which is disabled, to the pool."""
    api.update_job(job, BatchJobUpdateOptions(pool_info=BatchPoolInfo(pool_id=pool)))


def _set_metadata(api: BatchClient, job: str, metadata: Mapping[str, str]) -> None:
    items = [BatchMetadataItem(name=name, value=value) for name, value in metadata.items()]
    api.update_job(job, BatchJobUpdateOptions(metadata=items))


def _job(job: BatchJob, running: int = 0) -> Job:
    return Job(
        id=str(job.id),
        state=word(job.state).lower(),
        pool=str(job.pool_info.pool_id or "") if job.pool_info else "",
        running=running,
        metadata={item.name: item.value for item in job.metadata or ()},
    )
