"""Jobs go over to another pool as Batch lets them, and no task of any of them is ended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from azure.batch.models import BatchJobDisableOptions

from batchcert.outcomes import PoolReady
from batchcert.plan.changing.jobs import MOVING, JobsMoved
from batchcert.problems import Problem
from tasks.azure_api import jobs
from tasks.changing.moving import move_jobs

from .conftest import Order, Work, run

pytestmark = pytest.mark.slow


@pytest.fixture
def new(order: Order, made: PoolReady) -> str:
    """A second pool, of the same kind, without nodes."""
    other = replace(order, base=order.base.model_copy(update={"name": f"{made.name}-new", "nodes": 0}))
    return other.provision().name


def moved(order: Order, made: PoolReady, new: str) -> JobsMoved:
    """What became of the jobs; the embedded Azure has no job schedules, which is told."""
    found: JobsMoved = run(move_jobs, order.target, made.endpoint, made.name, new)
    return replace(found, left=tuple(line for line in found.left if "job schedules" not in line))


def seen(work: Work, job: str) -> tuple[str, str, dict[str, str]]:
    """The job's pool, state and metadata."""
    known = jobs.read(work.api, job)
    return known.pool, known.state, dict(known.metadata)


def disable(work: Work, job: str) -> None:
    work.api.begin_disable_job(job, BatchJobDisableOptions(disable_tasks="wait"), polling_interval=1).wait(20)


def test_jobs_go_over_as_batch_lets_them(order: Order, made: PoolReady, work: Work, new: str) -> None:
    """An active one is active afterwards, a disabled one disabled; one with a running task stays and runs on."""
    idle, stopped, busy = (work.job(f"{made.name}-{name}", made.name) for name in ("idle", "stopped", "busy"))
    disable(work, stopped)
    work.running(busy)
    found = moved(order, made, new)
    assert seen(work, idle) == (new, "active", {})
    assert seen(work, stopped) == (new, "disabled", {})
    assert seen(work, busy) == (made.name, "active", {})
    assert (work.state(busy), work.api.get_task(busy, "long").execution_info.requeue_count) == ("running", 0)
    assert len(found.done) == 2
    assert [line for line in found.left if busy in line and "1 of its tasks runs" in line] == list(found.left)
    work.end(busy)
    assert moved(order, made, new).left == ()
    assert seen(work, busy) == (new, "active", {})


def test_a_job_of_an_interrupted_run_is_taken_up(order: Order, made: PoolReady, work: Work, new: str) -> None:
    """It was marked and disabled when the run's process ended: it goes over, and works again."""
    job = work.job(f"{made.name}-half", made.name)
    jobs.mark(work.api, jobs.read(work.api, job), new)
    disable(work, job)
    assert seen(work, job) == (made.name, "disabled", {MOVING: new})
    moved(order, made, new)
    assert seen(work, job) == (new, "active", {})


def test_a_job_that_batch_does_not_move_works_on(
    monkeypatch: pytest.MonkeyPatch, order: Order, made: PoolReady, work: Work, new: str
) -> None:
    """It was disabled for it and is enabled again, on its old pool; the others go over all the same."""
    stubborn, willing = (work.job(f"{made.name}-{name}", made.name) for name in ("a", "b"))
    set_pool = jobs.set_pool

    def refuse(api, job, pool):
        if job == stubborn:
            raise Problem("azure-refused", what="Batch says no", cure="none")
        set_pool(api, job, pool)

    monkeypatch.setattr(jobs, "set_pool", refuse)
    found = moved(order, made, new)
    assert seen(work, stubborn) == (made.name, "active", {})
    assert seen(work, willing) == (new, "active", {})
    assert found.left == (f"job {stubborn} stays on pool {made.name}: Batch says no",)
