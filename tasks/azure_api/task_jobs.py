"""Jobs of Batch with a task for each of some nodes: made, looked at, read and removed; what for is the caller's affair.

Source: Batch service API 2025-06-01: Jobs - Create Job, Tasks - Create Task Collection, Tasks - List Tasks, Tasks - Get
Task File; "Run tasks under user accounts in Batch" for what an elevated task may do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from azure.batch import BatchClient
from azure.batch.models import (
    AutoUserScope,
    AutoUserSpecification,
    BatchAffinityInfo,
    BatchJobConstraints,
    BatchJobCreateOptions,
    BatchPoolInfo,
    BatchTask,
    BatchTaskAddStatus,
    BatchTaskConstraints,
    BatchTaskCreateOptions,
    BatchTaskGroup,
    ElevationLevel,
    EnvironmentSetting,
    UserIdentity,
)
from azure.core.exceptions import ResourceExistsError

from batchcert.visit.text import one_line
from tasks.azure_api.faults import explained, is_refused_with
from tasks.azure_api.plain import word
from tasks.azure_api.waiting import found

PRIORITY = 1000
"""Batch's highest: a free slot is ours first. No task is preempted for it."""

POLL_SECONDS = 15  # of the SDK's own poller, which nobody here waits for
LARGEST_COLLECTION = 100  # tasks in one request
_ENDING = frozenset({"deleting"})
# A POST that never arrived, or whose answer was lost, may be sent again: names are the caller's own.
_RETRIED = ["POST", "PUT", "DELETE", "GET"]
_AS_ROOT = UserIdentity(auto_user=AutoUserSpecification(scope=AutoUserScope.POOL, elevation_level=ElevationLevel.ADMIN))


@dataclass(frozen=True)
class Order:
    """A task to be added.

    Attributes:
        task_id: its name in its job.
        affinity_id: the node that it is to run on; for Batch this is a wish.
        environment: its variables, by name.
    """

    task_id: str
    affinity_id: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class TaskState:
    """A task as Batch tells it.

    Attributes:
        state: active (it waits for a slot), preparing, running or completed.
        node_id: the node that it runs or ran on, "" where it has none.
        exit_code: of its command, None where that did not end by itself.
        failure: why it failed, "Code: message", or "".
        lasted: how long it ran, None where it has not ended.
    """

    task_id: str
    state: str
    node_id: str = ""
    exit_code: int | None = None
    failure: str = ""
    lasted: timedelta | None = None

    @property
    def waits(self) -> bool:
        """Whether it has not begun."""
        return self.state == "active"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state == "completed"


@explained
def create(api: BatchClient, job: str, pool: str, environment: Mapping[str, str], lifetime: timedelta) -> None:
    """Make a job for the pool; Batch ends it by itself after *lifetime*. *environment*: variables of all its tasks."""
    wanted = BatchJobCreateOptions(
        id=job,
        pool_info=BatchPoolInfo(pool_id=pool),
        priority=PRIORITY,
        constraints=BatchJobConstraints(max_wall_clock_time=lifetime, max_task_retry_count=0),
        common_environment_settings=_settings(environment),
    )
    try:
        api.create_job(wanted, retry_on_methods=_RETRIED)
    except ResourceExistsError as error:
        if not is_refused_with(error, "JobExists"):
            raise


@explained
def add(
    api: BatchClient, job: str, command_line: str, orders: Sequence[Order], wall_clock: timedelta
) -> dict[str, str]:
    """Add a task for each order: as root, once, for *wall_clock* at most. Why Batch does not take some, by their ids.

    One that it failed to add, by a fault of its own, is in neither this answer nor the job: it may be added again. So
    may one that is there already.
    """
    refused: dict[str, str] = {}
    for begin in range(0, len(orders), LARGEST_COLLECTION):
        tasks = [_task(order, command_line, wall_clock) for order in orders[begin : begin + LARGEST_COLLECTION]]
        result = api.create_task_collection(job, BatchTaskGroup(task_values=tasks), retry_on_methods=_RETRIED)
        for one in result.result_values or ():
            if one.error and one.status == BatchTaskAddStatus.CLIENT_ERROR and one.error.code != "TaskExists":
                said = one.error.message.value if one.error.message else ""
                refused[one.task_id] = one_line(f"{one.error.code}: {said}", 300)
    return refused


@explained
def states(api: BatchClient, job: str) -> dict[str, TaskState]:
    """The job's tasks as they are now, by id."""
    listed = api.list_tasks(job, select=["id", "state", "executionInfo", "nodeInfo"])
    return {task.id: _state(task) for task in listed}


@explained
def output(api: BatchClient, job: str, task: str, name: str, most: int) -> bytes:
    """The beginning of a file of the task, stdout.txt say: *most* bytes, and one more where there is more."""
    read = bytearray()
    for chunk in api.download_task_file(job, task, name):
        read += chunk
        if len(read) > most:
            break
    return bytes(read[: most + 1])


@explained
def delete(api: BatchClient, job: str) -> None:
    """Have Batch remove the job with its tasks, ending those that run; one that is gone is fine."""
    try:
        found(lambda: api.begin_delete_job(job, polling_interval=POLL_SECONDS))
    except ResourceExistsError as error:
        if not is_refused_with(error, "JobBeingDeleted"):
            raise


@explained
def left(api: BatchClient, pool: str, prefix: str) -> list[str]:
    """The ids of the pool's jobs that begin with *prefix* and are not being removed already."""
    jobs = api.list_jobs(filter=f"startswith(id,'{prefix}')", select=["id", "state", "poolInfo"])
    return [
        str(job.id)
        for job in jobs
        if job.pool_info
        and str(job.pool_info.pool_id).lower() == pool.lower()
        and word(job.state).lower() not in _ENDING
    ]


def _task(order: Order, command_line: str, wall_clock: timedelta) -> BatchTaskCreateOptions:
    return BatchTaskCreateOptions(
        id=order.task_id,
        command_line=command_line,
        environment_settings=_settings(order.environment),
        affinity_info=BatchAffinityInfo(affinity_id=order.affinity_id),
        constraints=BatchTaskConstraints(max_wall_clock_time=wall_clock, max_task_retry_count=0),
        user_identity=_AS_ROOT,
    )


def _settings(environment: Mapping[str, str]) -> list[EnvironmentSetting]:
    return [EnvironmentSetting(name=name, value=value) for name, value in environment.items()]


def _state(task: BatchTask) -> TaskState:
    execution, node = task.execution_info, task.node_info
    failure = execution.failure_info if execution else None
    begin, end = (execution.start_time, execution.end_time) if execution else (None, None)
    return TaskState(
        task_id=task.id,
        state=word(task.state).lower(),
        node_id=str(node.node_id or "") if node else "",
        exit_code=execution.exit_code if execution else None,
        failure=one_line(f"{failure.code}: {failure.message}", 300) if failure else "",
        lasted=end - begin if begin and end else None,
    )
