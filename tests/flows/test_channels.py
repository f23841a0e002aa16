"""Other ways than SSH, in whole runs: what they leave to be read, and that nothing of theirs stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.batch import BatchClient
from azure.batch.models import BatchJobCreateOptions, BatchPoolInfo, BatchTaskCreateOptions
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from batchcert.spec import Channel, CrossCheck, ValidationSpec, VisitSpec
from flows.change import change
from flows.rotate import rotate
from flows.validate import validate
from tasks.channels.leftovers import JOB_PREFIX

from .asked import asking
from .conftest import Provisioned
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BUSY = "channels-busy"
BLIND = ValidationSpec(visit=VisitSpec(channel=Channel.EXTENSION))


@pytest.fixture
def batch(line: Line, provisioned: Provisioned) -> Iterator[BatchClient]:
    """Microsoft's own client of the account's data plane."""
    target = line.target
    with line.inside(), BatchManagementClient(EnvironmentCredential(), target.subscription_id) as api:
        account = api.batch_account.get(target.resource_group, target.batch_account)
    assert account.properties is not None
    with (
        line.inside(),
        BatchClient(f"https://{account.properties.account_endpoint}", EnvironmentCredential()) as client,
    ):
        yield client


@pytest.fixture
def busy(line: Line, batch: BatchClient) -> Iterator[None]:
    """Every node of the pool works for somebody; ended afterwards."""
    batch.create_job(BatchJobCreateOptions(id=BUSY, pool_info=BatchPoolInfo(pool_id="render")))
    for number in range(3):
        task = BatchTaskCreateOptions(id=f"long-{number}", command_line="/bin/sh -c 'sleep 3600'")
        batch.create_task(BUSY, task)
    line.until("busy nodes", lambda: {node.state for node in batch.list_nodes("render")} == {"running"}, 60)
    yield
    batch.begin_delete_job(BUSY, polling_interval=1).wait(60)
    line.until("idle nodes", lambda: {node.state for node in batch.list_nodes("render")} == {"idle"}, 60)


def jobs(batch: BatchClient) -> list[str]:
    """Jobs of visits that are there."""
    return [str(job.id) for job in batch.list_jobs() if str(job.id).startswith(JOB_PREFIX)]


def test_a_pool_is_validated_by_tasks(line: Line, provisioned: Provisioned, batch: BatchClient) -> None:
    """With a second look over SSH; report, table and log name both, and only a job was made and removed."""
    visit = VisitSpec(channel=Channel.TASK, cross_check=CrossCheck.SSH)
    asked = asking(line, validate, target=line.target, pool="render", validation=ValidationSpec(visit=visit))
    assert (asked.run.state, asked.run.said) == ("COMPLETED", "Completed: 3 nodes: 3 current")
    named = [write.partition(JOB_PREFIX)[0] for write in asked.writes]
    assert named == ["POST /jobs", "POST /jobs/", "DELETE /jobs/"]
    assert jobs(batch) == []
    left = {artifact.type: artifact for artifact in line.api.artifacts(asked.run.id)}
    assert "looked at through task, cross-checked through ssh" in left["markdown"].data
    assert "nodes of pool render, looked at through task, cross-checked through ssh:" in line.log(asked.run.id)


def test_what_is_only_reported_passes(line: Line, provisioned: Provisioned) -> None:
    """And claims no more."""
    run = line.run(validate, target=line.target, pool="render", validation=BLIND)
    assert (run.state, run.said) == ("COMPLETED", "Completed: 3 nodes: 3 reported")
    (report,) = [artifact.data for artifact in line.api.artifacts(run.id) if artifact.type == "markdown"]
    assert report.startswith("# ✔ Pool render is fine so far: 0 of 3 nodes current")
    assert "nobody has looked at the certificate" in report


def test_what_follows_a_certificate_refuses_to_look_away(line: Line, provisioned: Provisioned) -> None:
    """A drill and a change, before anything is made."""
    asked = asking(line, rotate, target=line.target, pool="render", validation=BLIND)
    assert asked.run.state == "FAILED"
    assert "channel-sees-no-leaf" in line.log(asked.run.id)
    assert asked.writes == []
    asked = asking(line, change, **provisioned.parameters, validation=BLIND)
    assert asked.run.state == "FAILED"
    assert "[channel-sees-no-leaf]" in asked.run.said
    assert asked.writes == []


def test_a_run_cancelled_while_it_waits_leaves_no_job(line: Line, batch: BatchClient, busy: None) -> None:
    """All slots are taken, its tasks wait, and somebody cancels the run in the page."""
    visit = VisitSpec(channel=Channel.TASK, slot_timeout=600)
    parameters = {
        "target": line.target.model_dump(mode="json"),
        "pool": "render",
        "validation": ValidationSpec(visit=visit).model_dump(mode="json"),
    }
    run = line.start(line.deploy("validate"), parameters)
    (job,) = line.until("the job", lambda: jobs(batch), 120)
    line.until("its tasks", lambda: len(list(batch.list_tasks(job))) == 3, 60)
    line.cancel(run)
    assert line.ended(run, 120).state == "CANCELLED"
    assert jobs(batch) == []
