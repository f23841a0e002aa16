"""Change: a pool is brought to what is asked for once somebody has approved it, and no task is ended for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from azure.batch import BatchClient
from azure.batch.models import BatchJobCreateOptions, BatchPoolInfo, BatchTask, BatchTaskCreateOptions
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from batchcert.problems import Problem
from batchcert.spec import ChangeSpec, OldPoolChoice, ValidationSpec, VisitSpec
from demo.prefect_api import BUSY, Run
from flows import carrying_out
from flows.change import change
from flows.provision import provision
from tasks.changing import approval

from .asked import asking, begun, ended
from .conftest import Provisioned, wanted
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

OLD, SUFFIX = "renewed", "two"
NEW = f"{OLD}-{SUFFIX}"
RUN = f"change {OLD} in westus2"
IDLE, WORKING, LONG = "change-idle", "change-working", "long"
ASKED = ChangeSpec(suffix=SUFFIX, old_pool=OldPoolChoice.EMPTY)
HURRIED = ValidationSpec(visit=VisitSpec(command_timeout=0.001))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is waiting for the answer."""
    monkeypatch.setattr(approval, "POLL_SECONDS", 0.2)


@pytest.fixture(scope="module")
def old(line: Line, provisioned: Provisioned) -> Provisioned:
    """A pool of two nodes, in the vault that there is by then."""
    parameters = wanted(line.target, OLD, nodes=2, identity=OLD)
    made = Provisioned(parameters, asking(line, provision, **parameters))
    assert made.run.state == "COMPLETED", made.run.said
    return made


@pytest.fixture(scope="module")
def batch(line: Line, old: Provisioned) -> Iterator[BatchClient]:
    """Microsoft's client, and two jobs on the old pool: a task of one of them runs until it is ended."""
    target, credential = line.target, EnvironmentCredential
    with line.inside(), BatchManagementClient(credential(), target.subscription_id) as management:
        account = management.batch_account.get(target.resource_group, target.batch_account)
        with BatchClient(f"https://{account.properties.account_endpoint}", credential()) as api:
            for job in (IDLE, WORKING):
                api.create_job(BatchJobCreateOptions(id=job, pool_info=BatchPoolInfo(pool_id=OLD)))
            api.create_task(WORKING, BatchTaskCreateOptions(id=LONG, command_line="/bin/sh -c 'sleep 600'"))
            line.until("a running task", lambda: task(api).state == "running")
            yield api


def asked_for(old: Provisioned, **more: Any) -> dict[str, Any]:
    """The old pool with another polling interval, which takes a new pool."""
    pool = old.parameters["pool"].model_copy(update={"polling_interval_seconds": 120})
    return {**old.parameters, "pool": pool, "change": ASKED, **more}


def task(api: BatchClient) -> BatchTask:
    return api.get_task(WORKING, LONG)


def pool_of(api: BatchClient, job: str) -> tuple[str, str]:
    """The job's pool and state."""
    known = api.get_job(job)
    return str(known.pool_info.pool_id), str(known.state.value)


def answer(line: Line, future: Future[Run], *, approve: bool) -> Run:
    """Fill in the form of the paused run, as its page does; how the run ends."""
    paused = {"name": {"any_": [RUN]}, "state": {"type": {"any_": ["PAUSED"]}}}
    found = line.until("the pause", lambda: line.api.post("/flow_runs/filter", {"flow_runs": paused}), 120)
    form = {"run_input": {"approve": approve}}

    def filled_in() -> bool:
        """A server whose database is busy asks to try again."""
        reply = line.http.post(f"/flow_runs/{found[0]['id']}/resume", json=form)
        return reply.status_code != BUSY and reply.raise_for_status().json()["status"] == "ACCEPT"

    line.until("the form to be taken", filled_in)
    return future.result(240)


def outcome(line: Line, run: Run, pool: str = OLD) -> str:
    """The newest version of the run's artifact on the change."""
    return next(str(one.data) for one in line.api.artifacts(run.id) if one.key == f"change-batchcertlocal-{pool}")


def test_a_plan_that_is_refused_changes_nothing(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """Whoever resumed the run left the switch off; the plan is there to be read."""
    line.azure.forget_requests()
    with line.beside(change, **asked_for(old)) as future:
        run = answer(line, future, approve=False)
    assert run.state == "FAILED"
    assert "[change-not-approved]" in run.said
    assert [one.path for one in line.azure.requests() if one.writes and not one.machine] == []
    assert "a new pool beside the old" in outcome(line, run)
    assert "pollingIntervalInS" in outcome(line, run)


def test_a_plan_that_nobody_reads_changes_nothing(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """The run waits for as long as it was told; its log says what happened, whatever Prefect calls such an end."""
    hurry = ASKED.model_copy(update={"approval_hours": 1 / 3600})
    asked = asking(line, change, **asked_for(old, change=hurry))
    assert asked.run.state == "FAILED", asked.run.said
    assert "[change-not-approved]" in line.log(asked.run.id)
    assert asked.writes == []


def test_nothing_is_switched_before_the_new_nodes_are_current(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """They could not be visited, in a thousandth of a second: the old pool and its jobs are as they were."""
    before = set(line.machines(OLD))
    asked = asking(line, change, **asked_for(old, validation=HURRIED, approve=True))
    assert asked.run.state == "FAILED"
    assert "[new-pool-not-current]" in asked.run.said
    assert [write.rpartition("/")[2] for write in asked.writes] == [NEW]
    assert (set(line.machines(OLD)), len(line.machines(NEW))) == (before, 2)
    assert (pool_of(batch, IDLE), pool_of(batch, WORKING)) == ((OLD, "active"), (OLD, "active"))
    told = outcome(line, asked.run)
    assert ": stopped" in told
    assert f"pool {NEW} is there beside pool {OLD}" in told


def test_a_pool_is_replaced_while_its_old_nodes_serve(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """Approved in the form. The run takes up the pool that is there; idle jobs go over, a running task runs on."""
    before = set(line.machines(OLD))
    with line.beside(change, **asked_for(old)) as future:
        run = answer(line, future, approve=True)
    assert run.state == "COMPLETED", line.log(run.id)
    assert run.said.endswith("2 nodes: 2 current")
    steps = line.steps(run.id)
    assert ended(steps[f"visit the nodes of {NEW}"]) <= begun(steps[f"move the jobs of {OLD}"])
    assert (pool_of(batch, IDLE), pool_of(batch, WORKING)) == ((NEW, "active"), (OLD, "active"))
    assert (task(batch).state, task(batch).execution_info.requeue_count) == ("running", 0)
    assert set(line.machines(OLD)) == before
    told = outcome(line, run)
    assert "1 of its tasks runs" in told
    assert "set pool.name to" in told


def test_a_second_run_finishes_what_the_first_left(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """The task has ended: its job goes over, and nobody needs the old nodes any more."""
    batch.terminate_task(WORKING, LONG)
    line.until("the end of the task", lambda: task(batch).state == "completed")
    new = set(line.machines(NEW))
    run = line.run(change, **asked_for(old, approve=True))
    assert run.state == "COMPLETED", line.log(run.id)
    assert pool_of(batch, WORKING) == (NEW, "active")
    assert (set(line.machines(OLD)), set(line.machines(NEW))) == (set(), new)


def test_at_zero_nodes_no_task_is_ended(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """While one runs, no node goes. After its end all nodes go, and come back as they were asked for."""
    batch.create_task(IDLE, BatchTaskCreateOptions(id=LONG, command_line="/bin/sh -c 'sleep 600'"))
    line.until("a running task", lambda: batch.get_task(IDLE, LONG).state == "running")
    parameters = asked_for(old, change=ChangeSpec(), approve=True)
    parameters["pool"] = parameters["pool"].model_copy(update={"name": NEW, "nodes": 1, "vm_size": "STANDARD_D4S_V5"})
    before = set(line.machines(NEW))
    stopped = asking(line, change, **parameters)
    assert "[pool-has-running-tasks]" in stopped.run.said
    assert stopped.writes == []
    assert set(line.machines(NEW)) == before
    batch.terminate_task(IDLE, LONG)
    line.until("the end of the task", lambda: batch.get_task(IDLE, LONG).state == "completed")
    run = line.run(change, **parameters)
    assert run.said.endswith("at zero nodes: 1 node: 1 current"), line.log(run.id)
    after = set(line.machines(NEW))
    assert (len(after), after & before) == (1, set())
    assert str(batch.get_pool(NEW).vm_size).upper() == "STANDARD_D4S_V5"


def test_a_pool_gets_its_nodes_back_where_azure_refuses_the_update(
    line: Line, old: Provisioned, batch: BatchClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its nodes have gone by then; it is not left without any, and what was done is told."""

    def refuse(*_: Any, **__: Any) -> None:
        raise Problem("pool-property-fixed", what="PropertyCannotBeUpdated", cure="use another pool")

    monkeypatch.setattr(carrying_out, "update_pool", refuse)
    parameters = asked_for(old, change=ChangeSpec(), approve=True)
    parameters["pool"] = parameters["pool"].model_copy(update={"name": NEW, "nodes": 1})
    run = line.run(change, **parameters)
    assert "[pool-property-fixed]" in run.said
    line.until("the node", lambda: len(line.machines(NEW)) == 1)
    told = outcome(line, run, NEW)
    assert f"pool {NEW} was emptied of 1 node" in told
    assert "gets the nodes that it had" in told


def test_in_place_nodes_stay(line: Line, old: Provisioned, batch: BatchClient) -> None:
    """One more node beside the one that is there; and an equal pool is proved without being asked for."""
    parameters = asked_for(old, change=ChangeSpec(), approve=True)
    parameters["pool"] = parameters["pool"].model_copy(update={"name": NEW, "nodes": 2, "vm_size": "STANDARD_D4S_V5"})
    before = set(line.machines(NEW))
    run = line.run(change, **parameters)
    assert run.said.endswith("update in place: 2 nodes: 2 current"), line.log(run.id)
    assert before < set(line.machines(NEW))
    again = asking(line, change, **{**parameters, "approve": False})
    assert again.run.said.endswith("nothing to change: 2 nodes: 2 current")
    assert again.writes == []
