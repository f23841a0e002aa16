"""Jobs and tasks with Microsoft's own SDK, run for real on nodes of a running embedded Azure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from azure.batch import models
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from local_azure.serving import LocalAzure
from local_azure.settings import Settings

from .sdk import Clients, connected, until

ADMIN = models.UserIdentity(
    auto_user=models.AutoUserSpecification(scope=models.AutoUserScope.TASK, elevation_level=models.ElevationLevel.ADMIN)
)


def _task(name: str, command: str, **options: object) -> models.BatchTaskCreateOptions:
    return models.BatchTaskCreateOptions(id=name, command_line=command, **options)


def _add_job(clients: Clients, name: str, pool: str, **options: object) -> None:
    info = models.BatchPoolInfo(pool_id=pool)
    clients.data.create_job(models.BatchJobCreateOptions(id=name, pool_info=info, **options))


def _wait(clients: Clients, job: str) -> dict[str, models.BatchTask]:
    """The job's tasks, once all are completed."""
    until(lambda: all(task.state == "completed" for task in clients.data.list_tasks(job)))
    return {task.id: task for task in clients.data.list_tasks(job)}


def _output(clients: Clients, job: str, task: str, name: str = "stdout.txt") -> str:
    return b"".join(clients.data.download_task_file(job, task, name)).decode()


def test_an_elevated_task_on_every_node(clients: Clients) -> None:
    """The way to look at each node of a pool without SSH: a task with the node's affinity, as an administrator."""
    clients.create("jobs-all", nodes=3, nat=False)
    nodes = clients.idle("jobs-all", 3)
    _add_job(clients, "probe", "jobs-all")
    tasks = [
        _task(
            f"on-{at}",
            "/bin/sh -c 'id -un; cat /etc/ssh/ssh_host_ed25519_key.pub; ls -d /var/lib/waagent'",
            user_identity=ADMIN,
            affinity_info=models.BatchAffinityInfo(affinity_id=clients.data.get_node("jobs-all", node).affinity_id),
        )
        for at, node in enumerate(nodes)
    ]
    added = clients.data.create_tasks("probe", tasks)
    assert [result.status for result in added.result_values] == ["success"] * 3
    done = _wait(clients, "probe")
    assert [done[f"on-{at}"].node_info.node_id for at in range(3)] == nodes
    for at, node in enumerate(nodes):
        started = b"".join(clients.data.download_node_file("jobs-all", node, "startup/stdout.txt")).decode()
        assert _output(clients, "probe", f"on-{at}") == f"root\n{started}/var/lib/waagent\n"
    clients.data.begin_delete_job("probe", polling_interval=0).result()
    assert "probe" not in [job.id for job in clients.data.list_jobs()]


def test_tasks_run_as_their_users_with_their_files(clients: Clients) -> None:
    """Auto users, an account of the pool, the environment, files read and removed, output while it runs."""
    account = {"name": "grace", "password": "Ada-1815!", "elevationLevel": "Admin"}
    clients.create("jobs-users", nat=False, userAccounts=[account], taskSlotsPerNode=4)
    (node,) = clients.idle("jobs-users", 1)
    _add_job(clients, "users", "jobs-users")
    shared = models.UserIdentity(auto_user=models.AutoUserSpecification(scope="pool", elevation_level="nonadmin"))
    script = "/bin/sh -c 'id -un; pwd; echo $AZ_BATCH_TASK_ID $AZ_BATCH_NODE_ID $A; echo kept > kept.txt; echo bad >&2'"
    setting = models.EnvironmentSetting(name="A", value="b c")
    clients.data.create_task("users", _task("own", script, environment_settings=[setting]))
    clients.data.create_task("users", _task("pool", "id -un", user_identity=shared))
    named = models.UserIdentity(username="grace")
    clients.data.create_task("users", _task("named", "/bin/sh -c 'id -un; sudo -n id -un'", user_identity=named))
    _wait(clients, "users")
    lines = _output(clients, "users", "own").splitlines()
    assert lines[0].startswith("_azbatchtask_")
    assert lines[1:] == ["/mnt/batch/tasks/workitems/users/job-1/own/wd", f"own {node} b c"]
    assert _output(clients, "users", "own", "stderr.txt") == "bad\n"
    assert _output(clients, "users", "pool") == "_azbatch\n"
    assert _output(clients, "users", "named") == "grace\nroot\n"
    assert clients.data.get_task_file_properties("users", "own", "wd/kept.txt").content_length == 5
    names = [file.name for file in clients.data.list_task_files("users", "own", recursive=True)]
    assert names == ["stderr.txt", "stdout.txt", "wd", "wd/kept.txt"]
    clients.data.delete_task_file("users", "own", "wd/kept.txt")
    clients.data.create_task("users", _task("long", "/bin/sh -c 'echo begun; sleep 600'"))
    until(lambda: clients.data.get_task("users", "long").state == "running")
    until(lambda: _output(clients, "users", "long") == "begun\n")
    clients.data.terminate_task("users", "long")
    task = clients.data.get_task("users", "long")
    assert task.execution_info.failure_info.code == "TaskEnded"
    assert clients.data.get_node("jobs-users", node).running_tasks_count == 0


def test_failures_retries_and_counts(clients: Clients) -> None:
    """As the SDK's models have them."""
    clients.create("jobs-fail", nat=False)
    _add_job(clients, "fail", "jobs-fail", constraints=models.BatchJobConstraints(max_task_retry_count=1))
    for name, command in (("three", "/bin/sh -c 'exit 3'"), ("none", "no-such-program"), ("good", "true")):
        clients.data.create_task("fail", _task(name, command))
    done = _wait(clients, "fail")
    three, none = done["three"].execution_info, done["none"].execution_info
    assert (three.exit_code, three.retry_count, three.failure_info.code) == (3, 1, "FailureExitCode")
    assert (none.exit_code, none.retry_count, none.failure_info.code) == (None, 0, "CommandProgramNotFound")
    counts = clients.data.get_job_task_counts("fail").task_counts
    assert (counts.succeeded, counts.failed, counts.active) == (1, 2, 0)
    with pytest.raises(ResourceExistsError) as exists:
        clients.data.create_task("fail", _task("good", "true"))
    assert exists.value.model.code == "TaskExists"
    clients.data.reactivate_task("fail", "three")
    _wait(clients, "fail")
    why = {"terminateReason": "enough"}  # azure-batch 15.1 exports no model for it
    clients.data.begin_terminate_job("fail", why, polling_interval=0).result()
    job = clients.data.get_job("fail")
    assert (job.state, job.execution_info.termination_reason) == ("completed", "enough")
    with pytest.raises(HttpResponseError) as ended:
        clients.data.create_task("fail", _task("late", "true"))
    assert ended.value.model.code == "JobCompleted"


def test_a_job_is_prepared_released_disabled_and_ends_by_itself(clients: Clients) -> None:
    """With the pollers of the SDK."""
    clients.create("jobs-whole", nat=False)
    clients.idle("jobs-whole", 1)
    _add_job(
        clients,
        "whole",
        "jobs-whole",
        job_preparation_task=models.BatchJobPreparationTask(command_line="/bin/sh -c 'echo ready > ready.txt'"),
        job_release_task=models.BatchJobReleaseTask(command_line="true"),
    )
    clients.data.begin_disable_job(
        "whole", models.BatchJobDisableOptions(disable_tasks="requeue"), polling_interval=0
    ).result()
    assert clients.data.get_job("whole").state == "disabled"
    clients.data.create_task("whole", _task("uses", "/bin/sh -c 'cat $AZ_BATCH_JOB_PREP_WORKING_DIR/ready.txt'"))
    clients.data.begin_enable_job("whole", polling_interval=0).result()
    _wait(clients, "whole")
    assert _output(clients, "whole", "uses") == "ready\n"
    clients.data.update_job("whole", models.BatchJobUpdateOptions(all_tasks_complete_mode="terminatejob"))
    until(lambda: clients.data.get_job("whole").state == "completed")
    (status,) = clients.data.list_job_preparation_and_release_task_status("whole")
    assert status.job_preparation_task_execution_info.exit_code == 0
    assert status.job_release_task_execution_info.state == "completed"


def test_a_job_schedule(clients: Clients) -> None:
    """Added, read, changed, disabled, enabled, terminated and deleted, with the pollers of the SDK."""
    clients.create("jobs-timed", nat=False)
    specification = models.BatchJobSpecification(
        pool_info=models.BatchPoolInfo(pool_id="jobs-timed"),
        job_manager_task=models.BatchJobManagerTask(id="manager", command_line="true", kill_job_on_completion=True),
    )
    hourly = models.BatchJobScheduleConfiguration(recurrence_interval=timedelta(hours=1))
    clients.data.create_job_schedule(
        models.BatchJobScheduleCreateOptions(id="timed", schedule=hourly, job_specification=specification)
    )
    assert clients.data.job_schedule_exists("timed")
    with pytest.raises(ResourceNotFoundError):  # so this client says of whatever it asks for
        clients.data.job_schedule_exists("untimed")
    until(lambda: [job.state for job in clients.data.list_jobs_from_schedule("timed")] == ["completed"])
    shown = clients.data.get_job_schedule("timed")
    assert shown.execution_info.recent_job.id == "timed:job-1"
    until_next = shown.execution_info.next_run_time - shown.creation_time
    assert timedelta(0) <= until_next - timedelta(hours=1) < timedelta(seconds=30)
    clients.data.disable_job_schedule("timed")
    metadata = [models.BatchMetadataItem(name="a", value="b")]
    clients.data.update_job_schedule("timed", models.BatchJobScheduleUpdateOptions(metadata=metadata))
    shown = clients.data.get_job_schedule("timed")
    assert (shown.state, [item.value for item in shown.metadata]) == ("disabled", ["b"])
    shown.job_specification.priority = 5
    clients.data.replace_job_schedule("timed", shown)
    clients.data.enable_job_schedule("timed")
    assert [found.id for found in clients.data.list_job_schedules(filter="state eq 'active'")] == ["timed"]
    clients.data.begin_terminate_job_schedule("timed", polling_interval=0).result()
    assert clients.data.get_job_schedule("timed").state == "completed"
    clients.data.begin_delete_job_schedule("timed", polling_interval=0).result()
    with pytest.raises(HttpResponseError) as gone:
        clients.data.get_job_schedule("timed")
    assert gone.value.model.code == "JobScheduleNotFound"
    assert "timed:job-1" not in [job.id for job in clients.data.list_jobs()]


def test_time_passes_for_tasks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moved clock ends what runs too long, and removes what was kept long enough."""
    with LocalAzure(Settings(node_seconds=0.1)) as azure:
        for name, value in azure.env.items():
            monkeypatch.setenv(name, value)
        with connected(azure) as clients:
            clients.create("moved", nat=False)
            (node,) = clients.idle("moved", 1)
            _add_job(clients, "moved", "moved")
            limits = models.BatchTaskConstraints(
                max_wall_clock_time=timedelta(hours=1), retention_time=timedelta(hours=2)
            )
            clients.data.create_task("moved", _task("long", "/bin/sh -c 'sleep 3600'", constraints=limits))
            until(lambda: clients.data.get_task("moved", "long").state == "running")
            azure.advance(timedelta(hours=1, seconds=1))
            task = clients.data.get_task("moved", "long")
            assert (task.state, task.execution_info.failure_info.code) == ("completed", "TaskEnded")
            assert "workitems/moved/job-1/long" in _names(clients, node)
            azure.advance(timedelta(hours=2))
            assert "workitems/moved/job-1/long" not in _names(clients, node)
            with pytest.raises(HttpResponseError) as gone:
                list(clients.data.list_task_files("moved", "long"))
            assert gone.value.model.code == "TaskFilesCleanedup"


def _names(clients: Clients, node: str) -> list[str]:
    return [file.name for file in clients.data.list_node_files("moved", node, recursive=True)]


def test_a_script_in_the_environment_puts_a_unit_onto_a_node(clients: Clients) -> None:
    """A job's common environment brings it to an elevated task, which is aimed at a node and says where it was.

    The script names the node's own paths: in commands, and in the unit that it writes.
    """
    clients.create("jobs-units", nodes=2, nat=False)
    nodes = clients.idle("jobs-units", 2)
    script = """
set -eu
mkdir -p /var/lib/marks
cat >/etc/systemd/system/mark.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cat /etc/hostname >/var/lib/marks/name'
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now mark.service 2>/dev/null
echo "$AZ_BATCH_NODE_ID"
grep ExecStart /etc/systemd/system/mark.service
cmp /etc/hostname /var/lib/marks/name && systemctl is-enabled mark
"""
    setting = models.EnvironmentSetting(name="SCRIPT", value=script)
    _add_job(clients, "units", "jobs-units", common_environment_settings=[setting])
    admin = models.UserIdentity(auto_user=models.AutoUserSpecification(scope="pool", elevation_level="admin"))
    affinity = models.BatchAffinityInfo(affinity_id=clients.data.get_node("jobs-units", nodes[1]).affinity_id)
    command = "/bin/sh -c 'printf %s \"$SCRIPT\" | /bin/sh -s'"
    clients.data.create_task("units", _task("put", command, user_identity=admin, affinity_info=affinity))
    done = _wait(clients, "units")["put"]
    assert done.execution_info.exit_code == 0, _output(clients, "units", "put", "stderr.txt")
    assert _output(clients, "units", "put").splitlines() == [
        nodes[1],
        "ExecStart=/bin/sh -c 'cat /etc/hostname >/var/lib/marks/name'",
        "enabled",
    ]
