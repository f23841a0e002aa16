"""The step that moves jobs from the old pool to the new one; no task of any of them is ended."""

from __future__ import annotations

from dataclasses import replace

from azure.batch import BatchClient
from prefect import task
from prefect.logging import get_run_logger

from batchcert.plan.changing.jobs import Job, JobsMoved, JobStep, Step, in_words, may_move, step_of
from batchcert.problems import Problem
from batchcert.spec import Target
from tasks.azure_api import jobs
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="jobs",
    task_run_name="move the jobs of {old}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def move_jobs(target: Target, endpoint: str, old: str, new: str) -> JobsMoved:
    """Move the jobs that Batch lets be moved from pool *old* to pool *new*; say which stay, and why.

    Job schedules are named alone: their jobs go where the schedule says.
    """
    log = get_run_logger()
    with connect(target).nodes(endpoint) as api:
        steps = []
        for listed in jobs.listed(api):
            job = jobs.read(api, listed.id) if may_move(listed, old) else listed
            steps.append(_carry_out(api, job, step_of(job, old, new), new))
        moved = in_words(steps, old, new)
        moved = replace(moved, left=(*moved.left, *_schedules(api, old)))
    for line in (*moved.done, *moved.left):
        log.info("%s", line)
    return moved


def _carry_out(api: BatchClient, job: Job, step: JobStep, new: str) -> JobStep:
    """One job that does not go over keeps no other from it."""
    try:
        if step.step is Step.MOVE:
            jobs.set_pool(api, job.id, new)
        elif step.step is Step.MOVE_AND_ENABLE:
            _over(api, job, new)
    except Problem as problem:
        return replace(step, step=Step.STAY, why=problem.what)
    return step


def _over(api: BatchClient, job: Job, new: str) -> None:
    """The job is never left disabled, wherever this stops; if the process ends, the next run sees the mark."""
    jobs.mark(api, job, new)
    try:
        if job.pool.lower() != new.lower():
            jobs.disable(api, job.id)
            jobs.set_pool(api, job.id, new)
    finally:
        if jobs.read(api, job.id).state in {"disabled", "disabling"}:
            jobs.enable(api, job.id)
        jobs.unmark(api, job)


def _schedules(api: BatchClient, old: str) -> list[str]:
    try:
        found = jobs.schedules_of(api, old)
    except Problem as problem:
        return [f"whether job schedules make jobs for pool {old} is not known: {problem.what}"]
    return [f"job schedule {one} still makes jobs for pool {old}: change its job specification" for one in found]
