"""Nodes go only while no task runs on them, and come back where the way is not gone to its end."""

from __future__ import annotations

from typing import Any

import pytest

from batchcert.outcomes import PoolReady
from batchcert.plan.json_path import at
from batchcert.problems import Problem
from local_azure.serving import LocalAzure
from tasks.changing import sizing
from tasks.changing.sizing import empty_if_idle, empty_pool, resize_pool
from tasks.nodes import await_nodes
from tests.tasks.waiting import until

from .conftest import Order, Work, run, writes

pytestmark = pytest.mark.slow
SCALE = "properties.scaleSettings"


def nodes_of(order: Order) -> tuple[int, int]:
    """Nodes that are to be there, and that are."""
    observed = order.observed()
    assert observed is not None
    return observed.target_nodes, observed.current_nodes


def test_an_idle_pool_is_emptied_and_filled_again(order: Order, made: PoolReady) -> None:
    """By the scale that it had."""
    had = run(empty_pool, order.target, made.name, 15)
    assert nodes_of(order) == (0, 0)
    assert at(had, "fixedScale.targetDedicatedNodes") == 1
    run(resize_pool, order.target, made.name, had)
    run(await_nodes, order.target, made, order.base)
    assert nodes_of(order) == (1, 1)


def test_an_empty_pool_is_not_written_to(azure: LocalAzure, order: Order, made: PoolReady) -> None:
    """So a second run goes on where the first one stopped."""
    run(empty_pool, order.target, made.name, 15)
    azure.forget_requests()
    run(empty_pool, order.target, made.name, 15)
    assert writes(azure) == []


def test_a_pool_on_which_a_task_runs_is_left_alone(
    azure: LocalAzure, order: Order, made: PoolReady, work: Work
) -> None:
    """Nothing is written, and the task runs on."""
    job = work.job(made.name, made.name)
    work.running(job)
    azure.forget_requests()
    with pytest.raises(Problem) as stopped:
        run(empty_pool, order.target, made.name, 15)
    assert stopped.value.code == "pool-has-running-tasks"
    assert "1 running task on" in stopped.value.what
    assert writes(azure) == []
    assert work.state(job) == "running"
    work.end(job)


def test_a_task_that_begins_meanwhile_keeps_its_node(
    monkeypatch: pytest.MonkeyPatch, order: Order, made: PoolReady, work: Work
) -> None:
    """It began after the run had looked; the pool gets back its size, and the task runs on."""
    job = work.job(made.name, made.name)
    work.running(job)
    monkeypatch.setattr(sizing.batch_nodes, "running_tasks", lambda *_: {})
    monkeypatch.setattr(sizing, "MARGIN_MINUTES", -4.95)  # three seconds in all
    with pytest.raises(Problem) as stopped:
        run(empty_pool, order.target, made.name, 5)
    assert stopped.value.code in {"pool-not-emptied", "nodes-not-ready"}
    until("a steady pool", lambda: order.observed().allocation == "Steady")  # type: ignore[union-attr]
    assert nodes_of(order) == (1, 1)
    assert work.state(job) == "running"
    work.end(job)


def test_an_old_pool_is_emptied_once_nobody_needs_it(order: Order, made: PoolReady, work: Work) -> None:
    """A job that is bound to it keeps it, and then says nothing any more."""
    job = work.job(made.name, made.name)
    why: Any = run(empty_if_idle, order.target, made.name, 15)
    assert f"{job} still belong to it" in why
    assert nodes_of(order) == (1, 1)
    work.api.begin_terminate_job(job, {"terminateReason": "enough"}, polling_interval=1).wait(20)
    assert run(empty_if_idle, order.target, made.name, 15) == ""
    assert nodes_of(order) == (0, 0)
