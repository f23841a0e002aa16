"""A pool looked at through each channel, through the one that it allows, and through two: real nodes, no Prefect."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from azure.batch.models import BatchJobCreateOptions, BatchNodeUserCreateOptions, BatchPoolInfo
from azure.identity import EnvironmentCredential
from azure.mgmt.authorization import AuthorizationManagementClient

from batchcert.outcomes import Visited
from batchcert.spec import Channel, CrossCheck, Target, ValidationSpec, VisitSpec
from batchcert.verdict.finding import Finding
from batchcert.visit.parse import MAX_ANSWER_BYTES
from batchcert.visit.script import visit_script
from flows.proof import rows_of
from local_azure.nodes.machine import Machine
from local_azure.nodes.status_file import status_file
from local_azure.serving import LocalAzure
from tasks.channels.elevated import run_elevated
from tasks.channels.leftovers import JOB_PREFIX
from tasks.channels.looking import chosen
from tasks.channels.values import Bounds, Work
from tasks.visiting import visit_pool

from .conftest import Fleet, made_fleet

HANDLER = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0"
STATUS = f"{HANDLER}/status/1.status"
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
SHIMS = "/usr/local/sbin"
JOBS = ["Microsoft.Batch/batchAccounts/jobs/write"]
ALL_BUT_JOBS = {"actions": ["*"], "not_actions": JOBS, "data_actions": ["*"], "not_data_actions": JOBS}


def limits(channel: str = "ssh", cross: str = "none", **fields: Any) -> VisitSpec:
    """How nodes are looked at: one try, no pause."""
    given = {"start_up_attempts": 1, "retry_seconds": 0} | fields
    return VisitSpec(channel=Channel(channel), cross_check=CrossCheck(cross), **given)


def look(fleet: Fleet, visit: VisitSpec) -> tuple[Visited, dict[str, Finding]]:
    """What was seen, and what is true of the certificate on each node."""
    watched = fleet.watched
    fleet.local.forget_requests()
    visited = visit_pool(fleet.azure, watched, visit, lambda *_: None)
    rows = rows_of(watched, visited, ValidationSpec(visit=visit))
    return visited, {row.node: row.finding for row in rows}


def reasons(findings: dict[str, Finding]) -> set[str]:
    """Of all nodes."""
    return {finding.reason for finding in findings.values()}


# One channel.


def test_tasks_prove_a_pool_without_any_inbound_port(closed_fleet: Fleet) -> None:
    """Nothing is made but a job, and nothing of it stays."""
    visited, findings = look(closed_fleet, limits("task"))
    assert set(findings) == set(closed_fleet.ids())
    assert reasons(findings) == {"current"}
    assert {visit.channel for visit in visited.visits} == {Channel.TASK}
    assert all(visit.span and not visit.left_behind for visit in visited.visits)
    assert str(visited.looked) == "task"
    assert closed_fleet.jobs() == []
    assert all("/jobs" in write for write in closed_fleet.writes())


def test_over_ssh_such_a_pool_is_out_of_reach(closed_fleet: Fleet) -> None:
    """Its start task tells no keys."""
    _, findings = look(closed_fleet, limits("ssh"))
    assert reasons(findings) == {"ssh-host-key-unknown"}


def test_tasks_and_ssh_see_the_same(fleet: Fleet) -> None:
    """One script, one parser: the reports differ in the time and the users alone."""
    by_ssh, by_task = (
        {visit.node_id: visit.report for visit in look(fleet, limits(channel))[0].visits} for channel in ("ssh", "task")
    )
    for node, report in by_ssh.items():
        assert report
        assert by_task[node]
        assert (by_task[node].handlers, by_task[node].users) == (report.handlers, ())  # type: ignore[union-attr]
        (ours,), (theirs,) = report.stores, by_task[node].stores  # type: ignore[union-attr]
        assert [(file.path, file.chain, file.key) for file in ours.files] == [
            (file.path, file.chain, file.key) for file in theirs.files
        ]


def test_a_busy_node_is_told_and_the_other_is_proved(closed_fleet: Fleet) -> None:
    """The task went to the free node, where it did nothing."""
    first, second = closed_fleet.ids()
    closed_fleet.occupy(first)
    _, findings = look(closed_fleet, limits("task", slot_timeout=2))
    assert (findings[first].verdict, findings[first].reason) == ("unreachable", "task-ran-elsewhere")
    assert findings[first].cure
    assert findings[second].reason == "current"


def test_the_extension_s_view_is_reported_and_proves_nothing(closed_fleet: Fleet) -> None:
    """Nothing at all is made."""
    visited, findings = look(closed_fleet, limits("extension"))
    assert {(one.verdict.value, one.reason) for one in findings.values()} == {("reported", "extension-reports-success")}
    assert all("Successfully started" in one.message for one in findings.values())
    assert {visit.channel for visit in visited.visits} == {Channel.EXTENSION}
    assert closed_fleet.writes() == []


def test_an_extension_that_fails_is_seen_through_its_view(closed_fleet: Fleet) -> None:
    """With the cause that is known for its words; the other node is not concerned."""
    first, second = closed_fleet.ids()
    with closed_fleet.local.fault("extension-error", kind="not-an-object", resource=f"*/{closed_fleet.pool}/{first}"):
        _, findings = look(closed_fleet, limits("extension"))
    assert findings[first].reason == "extension-settings-not-an-object"
    assert findings[second].reason == "extension-reports-success"


def test_a_view_that_batch_does_not_give_is_told(closed_fleet: Fleet) -> None:
    """For the node that it is of."""
    first, second = closed_fleet.ids()
    refused = {"operation": "ComputeNodeExtension_List", "resource": f"*{first}*"}
    with closed_fleet.local.fault("throttled", retry_after=600, **refused):
        _, findings = look(closed_fleet, limits("extension"))
    assert (findings[first].reason, findings[second].reason) == ("azure-throttled", "extension-reports-success")


# What the pool allows.


def test_auto_goes_over_ssh_where_the_pool_has_it(fleet: Fleet) -> None:
    """As provision makes pools."""
    visited, findings = look(fleet, limits("auto"))
    assert (visited.looked.channel, reasons(findings)) == (Channel.SSH, {"current"})
    assert fleet.told == []


def test_auto_goes_by_tasks_where_the_pool_has_no_ssh(closed_fleet: Fleet) -> None:
    """And says why."""
    visited, findings = look(closed_fleet, limits("auto"))
    assert (visited.looked.channel, reasons(findings)) == (Channel.TASK, {"current"})
    assert visited.looked.why == "no inbound NAT pool leads to port 22"


@pytest.fixture
def fleet_without_jobs(fresh_azure: LocalAzure, target: Target, unique: str) -> Iterator[Fleet]:
    """In a subscription in which this process may do everything but make jobs."""
    with made_fleet(fresh_azure, target, unique, closed=True) as made:
        have_but_one_role(target.subscription_id, made.azure.caller().object_id, ALL_BUT_JOBS)
        yield made


def have_but_one_role(subscription: str, principal: str, permission: dict[str, list[str]]) -> None:
    """Give *principal* a role of its own in the subscription, and take all others away."""
    scope = f"/subscriptions/{subscription}"
    with AuthorizationManagementClient(EnvironmentCredential(), subscription) as api:
        had = [one for one in api.role_assignments.list_for_subscription() if one.principal_id == principal]
        wanted: Any = {"role_name": "Just this", "assignable_scopes": [scope], "permissions": [permission]}
        role = api.role_definitions.create_or_update(scope, str(uuid.uuid4()), wanted)
        grant: Any = {"role_definition_id": role.id, "principal_id": principal}
        api.role_assignments.create(scope, str(uuid.uuid4()), grant)
        for one in had:
            api.role_assignments.delete_by_id(str(one.id))


def test_auto_goes_by_the_view_where_it_may_make_no_jobs(fleet_without_jobs: Fleet) -> None:
    """The reason is in the log and in the report; whoever asked for tasks is told that they were refused."""
    visited, findings = look(fleet_without_jobs, limits("auto"))
    assert (visited.looked.channel, reasons(findings)) == (Channel.EXTENSION, {"extension-reports-success"})
    assert visited.looked.why.startswith("no inbound NAT pool leads to port 22; POST ")
    assert [visited.looked.why in told for told in fleet_without_jobs.told] == [True]
    visited, findings = look(fleet_without_jobs, limits("task"))
    assert (visited.looked.channel, reasons(findings)) == (Channel.TASK, {"azure-forbidden"})


@pytest.mark.parametrize(
    ("asked", "no_ssh", "channel"),
    [
        (Channel.SSH, "no port", Channel.SSH),
        (Channel.TASK, "", Channel.TASK),
        (Channel.EXTENSION, "", Channel.EXTENSION),
        (Channel.AUTO, "", Channel.SSH),
        (Channel.AUTO, "no port", Channel.TASK),
    ],
)
def test_which_channel_is_taken(asked: Channel, no_ssh: str, channel: Channel) -> None:
    """The one that was asked for, without a reason; else the best that the pool allows, with one."""
    taken, why = chosen(asked, no_ssh)
    assert taken is channel
    assert bool(why) is (asked is Channel.AUTO)


# What an interrupted run left.


@pytest.mark.parametrize("channel", ["ssh", "task"])
def test_a_job_that_an_interrupted_run_left_goes_with_the_next(fleet: Fleet, channel: str) -> None:
    """Whatever its channel; a job of the same kind on another pool, and other jobs, stay."""
    for job, pool in ((f"{JOB_PREFIX}x", fleet.pool), (f"{JOB_PREFIX}{fleet.pool}", "other"), (fleet.pool, fleet.pool)):
        fleet.api.create_job(BatchJobCreateOptions(id=job, pool_info=BatchPoolInfo(pool_id=pool)))
    _, findings = look(fleet, limits(channel))
    assert reasons(findings) == {"current"}
    left = {str(job.id) for job in fleet.api.list_jobs()}
    fleet.api.begin_delete_job(f"{JOB_PREFIX}{fleet.pool}").wait()
    assert left & {f"{JOB_PREFIX}x", f"{JOB_PREFIX}{fleet.pool}", fleet.pool} == {
        f"{JOB_PREFIX}{fleet.pool}",
        fleet.pool,
    }


def test_users_that_an_interrupted_run_left_go_with_a_look_by_tasks_too(fleet: Fleet) -> None:
    """All of ours: a look by tasks has none of its own."""
    first, _ = fleet.ids()
    for name in ("batchcert", "batchcert-5c2f00aa", "operator"):
        fleet.api.create_node_user(fleet.pool, first, BatchNodeUserCreateOptions(name=name, password="Secret-1"))
    look(fleet, limits("task"))
    assert set(fleet.machine(first).accounts.users) & {"batchcert", "batchcert-5c2f00aa", "operator"} == {"operator"}


def test_no_job_is_left_where_the_run_is_cancelled(closed_fleet: Fleet) -> None:
    """In the thread that looks."""

    def cancelled(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        visit_pool(closed_fleet.azure, closed_fleet.watched, limits("task"), cancelled)
    assert closed_fleet.jobs() == []


# Two channels.


def test_two_channels_that_agree(fleet: Fleet) -> None:
    """The verdict is the first's; every pair is asked."""
    visited, findings = look(fleet, limits("ssh", "task"))
    assert reasons(findings) == {"current"}
    assert str(visited.looked) == "ssh, cross-checked through task"
    assert visited.looked.uncrossed == ()
    assert {visit.channel for visit in visited.second} == {Channel.TASK}
    _, findings = look(fleet, limits("task", "extension"))
    assert reasons(findings) == {"current"}


def test_a_node_that_one_channel_does_not_reach_is_no_disagreement(closed_fleet: Fleet) -> None:
    """It is named, and why."""
    visited, findings = look(closed_fleet, limits("task", "ssh"))
    assert reasons(findings) == {"current"}
    missed = {one.node: one for one in visited.looked.uncrossed}
    assert set(missed) == set(closed_fleet.ids())
    assert {(one.channel, one.why.code if one.why else "") for one in missed.values()} == {
        (Channel.SSH, "ssh-host-key-unknown")
    }


def test_a_cross_check_of_what_auto_chose_itself_is_none(fleet: Fleet) -> None:
    """It says so, and nobody looks twice."""
    visited, findings = look(fleet, limits("auto", "ssh"))
    assert reasons(findings) == {"current"}
    assert (visited.second, visited.looked.cross) == ((), None)
    assert visited.looked.not_crossed == "ssh is the channel that this run chose itself"


@pytest.mark.parametrize(("first_channel", "second_channel"), [("ssh", "extension"), ("extension", "ssh")])
def test_a_status_written_by_hand_is_found_out(fleet: Fleet, first_channel: str, second_channel: str) -> None:
    """The file says success, and the guest agent, which had it from the extension, says error."""
    first, second = fleet.ids()
    here = {"resource": f"*/{fleet.pool}/{first}"}
    machine = fleet.machine(first)
    with (
        fleet.local.fault("status-half-written", **here),
        fleet.local.fault("extension-error", kind="not-an-object", **here),
    ):
        forged = status_file("success", "Service start.", "all is well", machine.now())
        machine.disk.write(STATUS, forged, 0o600)
        _, findings = look(fleet, limits("ssh"))
        assert reasons(findings) == {"current"}
        _, findings = look(fleet, limits(first_channel, second_channel))
    assert (findings[first].verdict, findings[first].reason) == ("failed", "channels-disagree")
    assert "ssh" in findings[first].message
    assert "success (all is well)" in findings[first].message
    assert "'not an object'" in findings[first].message
    assert findings[second].verdict.fine


def test_a_forged_answer_over_ssh_is_found_out_by_a_task(fleet: Fleet) -> None:
    """The node's sudo prints what it printed once; a task does not go through it, and sees that the files are gone."""
    first, second = fleet.ids()
    work = Work(fleet.pool, "batchcert-test-", visit_script(fleet.watched.asked))
    bounds = Bounds(60, 60, MAX_ANSWER_BYTES, 1)
    answer = run_elevated(fleet.api, fleet.azure.clock, work, [first], bounds, tell=fleet.told.append)[first].output
    machine = fleet.machine(first)
    replace_sudo(machine, answer.decode())
    for file in machine.disk.host(STORE).iterdir():
        file.unlink()

    _, findings = look(fleet, limits("ssh"))
    assert reasons(findings) == {"current"}
    _, findings = look(fleet, limits("ssh", "task"))
    assert (findings[first].verdict, findings[first].reason) == ("failed", "channels-disagree")
    assert "no leaf" in findings[first].message
    assert findings[second].reason == "current"


def replace_sudo(machine: Machine, answer: str) -> None:
    """Have the node's sudo print *answer*, whatever it is to run; its other programs are as before."""
    here = machine.disk.host(SHIMS)
    others = here.resolve()
    here.unlink()
    shutil.copytree(others, here)
    (here / "sudo").write_text(f"#!/bin/sh\ncat >/dev/null\ncat <<'ANSWER'\n{answer}ANSWER\n")
