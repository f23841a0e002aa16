"""What a killed run leaves. Prefect holds its lease for a minute, so this is looked at late."""

from __future__ import annotations

import pytest

from flows.validate import validate

from .interruption import Interrupted
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_killed_run_frees_its_pool_and_the_next_removes_its_user(line: Line, interrupted: Interrupted) -> None:
    """Nothing of ours ran when the process was killed: the user stayed, until the next run took it over."""
    assert interrupted.killed.state == "CRASHED"
    assert interrupted.left_by_killed == {"batchcert"}
    run = line.run(validate, target=line.target, pool="test2")
    assert run.said == "Completed: 1 node: 1 current"
    assert line.users("test2") == set()
