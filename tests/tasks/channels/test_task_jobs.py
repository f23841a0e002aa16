"""Jobs with a task for each of some nodes, as Batch takes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import task_jobs
from tasks.azure_api.task_jobs import Order
from tests.tasks.waiting import until

from .conftest import Fleet

MINUTE = timedelta(minutes=1)


@pytest.fixture
def job(closed_fleet: Fleet) -> Iterator[str]:
    """An empty one."""
    task_jobs.create(closed_fleet.api, "jobs-test", closed_fleet.pool, {"GREETING": "hello"}, MINUTE * 10)
    yield "jobs-test"
    task_jobs.delete(closed_fleet.api, "jobs-test")


def orders(fleet: Fleet, count: int, **environment: str) -> list[Order]:
    """So many, for the pool's nodes in turn."""
    affinities = [*batch_nodes.affinities(fleet.api, fleet.pool).values()]
    return [Order(f"t-{number}", affinities[number % len(affinities)], environment) for number in range(count)]


def test_more_tasks_than_a_request_takes(closed_fleet: Fleet, job: str) -> None:
    """A hundred go into one; adding them again is no fault, since an answer may have been lost."""
    wanted = orders(closed_fleet, 201)
    closed_fleet.local.forget_requests()
    assert task_jobs.add(closed_fleet.api, job, "/bin/true", wanted, MINUTE) == {}
    assert len(closed_fleet.writes()) == 3
    assert set(task_jobs.states(closed_fleet.api, job)) == {order.task_id for order in wanted}
    assert task_jobs.add(closed_fleet.api, job, "/bin/true", wanted[:5], MINUTE) == {}


def test_a_task_that_batch_does_not_take_is_told_by_its_name(closed_fleet: Fleet, job: str) -> None:
    """The others are there."""
    good, bad = orders(closed_fleet, 1)[0], Order("no good name", "", {})
    refused = task_jobs.add(closed_fleet.api, job, "/bin/true", [good, bad], MINUTE)
    assert list(refused) == ["no good name"]
    assert refused["no good name"]
    assert set(task_jobs.states(closed_fleet.api, job)) == {"t-0"}


def test_a_task_has_its_own_variables_and_its_job_s(closed_fleet: Fleet, job: str) -> None:
    """Where it ran, how it ended and what it printed is told."""
    task_jobs.add(
        closed_fleet.api, job, """/bin/sh -c 'echo "$GREETING $NAME"'""", orders(closed_fleet, 1, NAME="x"), MINUTE
    )
    until("its end", lambda: task_jobs.states(closed_fleet.api, job)["t-0"].ended)
    state = task_jobs.states(closed_fleet.api, job)["t-0"]
    assert (state.node_id, state.exit_code, state.failure) == (closed_fleet.ids()[0], 0, "")
    assert state.lasted is not None
    assert state.lasted >= timedelta(0)
    assert task_jobs.output(closed_fleet.api, job, "t-0", "stdout.txt", 100) == b"hello x\n"
    assert task_jobs.output(closed_fleet.api, job, "t-0", "stdout.txt", 3) == b"hell"


def test_a_job_that_is_gone_may_be_removed_again(closed_fleet: Fleet) -> None:
    """Somebody else was faster."""
    task_jobs.delete(closed_fleet.api, "nobody-made-this")
