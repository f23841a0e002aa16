"""A pool that another run holds for too long."""

from __future__ import annotations

import pytest
from prefect import flow

from batchcert.spec import Target
from tasks import lease

from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@flow(name="two at once")
def two_at_once(target: Target) -> None:
    with lease.pool_lease(target.pool_id("held")), lease.pool_lease(target.pool_id("held")):
        raise AssertionError("both have it")


@flow(name="one of each")
def one_of_each(target: Target) -> None:
    with lease.pool_lease(target.pool_id("held")), lease.pool_lease(target.pool_id("Held2")):
        return


def test_it_is_waited_for_and_then_told(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the name of what holds it, by which a person finds the other run."""
    monkeypatch.setattr(lease, "WAIT_SECONDS", 1.0)
    run = line.run(two_at_once, target=line.target)
    assert run.state == "FAILED"
    assert "[pool-is-held]" in run.said
    assert lease.lease_name(line.target.pool_id("held")) in run.said


def test_it_is_given_back_however_the_run_ended(line: Line) -> None:
    """The run before this one failed with the same pool in its hands; two different pools go together."""
    assert line.run(one_of_each, target=line.target).state == "COMPLETED"
