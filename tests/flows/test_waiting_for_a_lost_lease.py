"""What a killed run leaves: it may be told late, since Prefect holds a lost lease for a minute."""

from __future__ import annotations

import pytest

from .conftest import Interrupted
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
LEASE_IS_FREE = 150  # seconds: the lease itself, Prefect's look for lost ones, and the run


def test_a_killed_run_frees_its_pool_and_the_next_removes_its_user(line: Line, interrupted: Interrupted) -> None:
    """Nothing of ours ran when the process was killed: the user stayed, until the next run took it over."""
    assert interrupted.killed.state == "CRASHED"
    assert interrupted.left_by_killed == {"batchcert"}
    run = line.ended(interrupted.next_run, LEASE_IS_FREE)
    assert run.said == "Completed: 1 node: 1 current", line.log(run.id)
    assert line.users("test2") == set()
