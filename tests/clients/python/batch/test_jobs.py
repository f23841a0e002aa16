"""azure-batch: jobs, tasks, and the files of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def job(sdk: Any, batch: Any, pool: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A job that prepares its nodes and releases them, with the name of the test."""
    from azure.batch import models

    name = f"{request.node.originalname}-{sdk.name}"[:64]
    options = models.BatchJobCreateOptions(
        id=name,
        pool_info=models.BatchPoolInfo(pool_id=pool),
        job_preparation_task=models.BatchJobPreparationTask(command_line="/bin/sh -c 'echo prepared'"),
        job_release_task=models.BatchJobReleaseTask(command_line="/bin/sh -c 'echo released'"),
    )
    sdk.done(batch.create_job(options))
    yield name
    sdk.poll(batch.begin_delete_job(name, polling_interval=0))


@pytest.fixture
def run(sdk: Any, batch: Any, job: str) -> Run:
    """Runs a command in a task of the job, and gives the task once it is completed."""
    from azure.batch import models

    def one(task: str, command: str) -> Any:
        options = models.BatchTaskCreateOptions(id=task, command_line=f"/bin/sh -c '{command}'")
        sdk.done(batch.create_task(job, options))
        return completed(sdk, batch, job, task)

    return one


def completed(sdk: Any, batch: Any, job: str, task: str) -> Any:
    return sdk.until(lambda: sdk.done(batch.get_task(job, task)), lambda found: found.state == "completed")


def test_tasks_succeed_and_fail(sdk: Any, batch: Any, job: str, run: Run) -> None:
    """Each with its exit code; the counts say the same."""
    good, bad = run("good", "echo worked"), run("bad", "exit 3")
    assert (good.execution_info.exit_code, bad.execution_info.exit_code) == (0, 3)
    assert bad.execution_info.result == "failure"
    counts = sdk.done(batch.get_job_task_counts(job)).task_counts
    assert (counts.succeeded, counts.failed) == (1, 1)
    assert {one.id for one in sdk.all(batch.list_tasks(job))} == {"good", "bad"}
    assert job in [one.id for one in sdk.all(batch.list_jobs())]
    assert sdk.all(batch.list_subtasks(job, "good")) == []


def test_files_of_a_task(sdk: Any, batch: Any, job: str, run: Run) -> None:
    """What it printed: listed, described, downloaded, deleted."""
    from azure.core.exceptions import ResourceNotFoundError

    run("one", "echo worked")
    assert "stdout.txt" in [one.name for one in sdk.all(batch.list_task_files(job, "one"))]
    assert b"".join(sdk.all(batch.download_task_file(job, "one", "stdout.txt"))) == b"worked\n"
    assert sdk.done(batch.get_task_file_properties(job, "one", "stdout.txt")).content_length == len("worked\n")
    sdk.done(batch.delete_task_file(job, "one", "stdout.txt"))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(batch.get_task_file_properties(job, "one", "stdout.txt"))


def test_several_tasks_at_once(sdk: Any, batch: Any, job: str) -> None:
    """In one request, and in as many as the client thinks right; a namesake is told of, one by one."""
    from azure.batch import models

    def tasks(*names: str) -> list[Any]:
        return [models.BatchTaskCreateOptions(id=name, command_line="/bin/true") for name in names]

    group = models.BatchTaskGroup(task_values=tasks("a", "b"))
    assert {one.status for one in sdk.done(batch.create_task_collection(job, group)).result_values} == {"success"}
    again = sdk.done(batch.create_task_collection(job, group)).result_values
    assert {one.error.code for one in again} == {"TaskExists"}
    made = sdk.done(batch.create_tasks(job, task_collection=tasks("c", "d")))
    assert {one.status for one in made.result_values} == {"success"}
    assert {one.id for one in sdk.all(batch.list_tasks(job))} == {"a", "b", "c", "d"}


def test_a_task_is_changed_ended_and_tried_again(sdk: Any, batch: Any, job: str, run: Run) -> None:
    """A failed one is reactivated, and fails again; one that waits is ended; both are deleted."""
    from azure.batch import models

    run("bad", "exit 3")
    sdk.done(batch.reactivate_task(job, "bad"))
    assert completed(sdk, batch, job, "bad").execution_info.exit_code == 3
    sdk.done(batch.create_task(job, models.BatchTaskCreateOptions(id="long", command_line="/bin/sleep 600")))
    constraints = models.BatchTaskConstraints(max_task_retry_count=2)
    sdk.done(batch.replace_task(job, "long", models.BatchTask(constraints=constraints)))
    assert sdk.done(batch.get_task(job, "long")).constraints.max_task_retry_count == 2
    sdk.done(batch.terminate_task(job, "long"))
    assert completed(sdk, batch, job, "long").execution_info.failure_info.code == "TaskEnded"
    for task in ("bad", "long"):
        sdk.done(batch.delete_task(job, task))
    assert sdk.all(batch.list_tasks(job)) == []


def test_a_job_is_changed(sdk: Any, batch: Any, job: str, pool: str) -> None:
    """What is not given stays; what replaces it takes the rest away."""
    from azure.batch import models

    metadata = [models.BatchMetadataItem(name="team", value="render")]
    sdk.done(batch.update_job(job, models.BatchJobUpdateOptions(priority=10, metadata=metadata)))
    sdk.done(batch.update_job(job, models.BatchJobUpdateOptions(priority=20)))
    changed = sdk.done(batch.get_job(job))
    assert (changed.priority, [one.value for one in changed.metadata]) == (20, ["render"])
    sdk.done(batch.replace_job(job, models.BatchJob(pool_info=models.BatchPoolInfo(pool_id=pool))))
    replaced = sdk.done(batch.get_job(job))
    assert (replaced.priority, replaced.metadata or []) == (0, [])


def test_a_job_is_disabled_and_enabled(sdk: Any, batch: Any, job: str) -> None:
    """Meanwhile its tasks wait."""
    from azure.batch import models

    options = models.BatchJobDisableOptions(disable_tasks="requeue")
    sdk.poll(batch.begin_disable_job(job, options, polling_interval=0))
    assert sdk.done(batch.get_job(job)).state == "disabled"
    sdk.done(batch.create_task(job, models.BatchTaskCreateOptions(id="waits", command_line="/bin/true")))
    assert sdk.done(batch.get_task(job, "waits")).state == "active"
    sdk.poll(batch.begin_enable_job(job, polling_interval=0))
    assert completed(sdk, batch, job, "waits").execution_info.exit_code == 0


def test_a_job_ends(sdk: Any, batch: Any, job: str, run: Run) -> None:
    """The node that it was on was prepared, and is released. This client fails where it is given no option."""
    run("one", "echo worked")
    sdk.poll(batch.begin_terminate_job(job, {"terminateReason": "enough"}, polling_interval=0))
    ended = sdk.done(batch.get_job(job))
    assert (ended.state, ended.execution_info.termination_reason) == ("completed", "enough")
    (status,) = sdk.all(batch.list_job_preparation_and_release_task_status(job))
    prepared, released = status.job_preparation_task_execution_info, status.job_release_task_execution_info
    assert (prepared.exit_code, released.exit_code) == (0, 0)
