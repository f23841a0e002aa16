"""A step is tried again for what passes, and for nothing else."""

import pytest
from prefect import flow, task
from prefect.states import Failed

from batchcert.problems import Problem, Problems
from tasks.retrying import LONGEST_WAIT, can_pass, worth_waiting

PASSES = Problem("azure-unavailable", what="busy", passes=True)
STAYS = Problem("vault-firewall", what="closed")


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (PASSES, True),
        (STAYS, False),
        (Problems([PASSES, PASSES]), True),
        (Problems([PASSES, STAYS]), False),
        (ValueError("a mistake of ours"), False),
        (TimeoutError(), False),
    ],
    ids=str,
)
def test_only_a_problem_that_passes_is_worth_another_try(error, again):
    """What Prefect hands over is the failed state of the step."""
    assert can_pass(None, None, Failed(data=error, message="m")) is again


@pytest.mark.parametrize(
    ("asked", "again", "slept"),
    [(None, True, []), (0.0, True, []), (12.5, True, [12.5]), (LONGEST_WAIT + 1, False, [])],
)
def test_retry_after_is_slept_through_up_to_a_bound(asked, again, slept):
    """Longer than that, the step is given up and the run's log says what the service asked for."""
    naps = []
    problem = Problem("azure-throttled", what="busy", passes=True, retry_after=asked)
    assert worth_waiting(problem, sleep=naps.append) is again
    assert naps == slept


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(("error", "attempts"), [(PASSES, 3), (STAYS, 1), (ValueError("ours"), 1)], ids=str)
def test_prefects_engine_does_as_told(error, attempts):
    """Twice again for what passes; once and no more for the rest."""
    tries = []

    @task(retries=2, retry_condition_fn=can_pass)
    def step():
        tries.append(1)
        raise error

    @flow
    def run():
        step()

    with pytest.raises(type(error)):
        run()
    assert len(tries) == attempts
