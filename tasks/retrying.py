"""When a whole step is tried again: the last of the owners of retries, after azure-core and the wait for a grant."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from batchcert.problems import Problem

STEP_RETRIES = 2
STEP_DELAYS = [5.0, 30.0]
LONGEST_WAIT = 300.0  # seconds a service may ask for before the step is given up instead


def can_pass(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the step failed with a Problem that passes; waits first for as long as the service asked.

    A plain function: Prefect never calls a partial or a callable object here. It asks only while retries are left.
    """
    del task, task_run
    problem = _problem(state)
    return problem is not None and worth_waiting(problem)


def worth_waiting(problem: Problem, *, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Whether a later try may go otherwise; sleeps through the service's Retry-After, up to `LONGEST_WAIT`."""
    asked = problem.retry_after or 0.0
    if not problem.passes or asked > LONGEST_WAIT:
        return False
    if asked:
        sleep(asked)
    return True


def _problem(state: State[Any]) -> Problem | None:
    try:
        state.result()
    except Problem as problem:
        return problem
    except Exception:  # noqa: BLE001 - whatever else ended the step is no Problem, so nobody retries it
        return None
    return None
