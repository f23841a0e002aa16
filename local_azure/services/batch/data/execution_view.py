"""How tasks went, as the data plane shows it.

Source: TaskExecutionInformation, JobPreparationTaskExecutionInformation, JobReleaseTaskExecutionInformation and
ComputeNodeInformation in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.fleet.failures import failure_view
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.state.jobs import ACTIVE, COMPLETED, PREPARING, Execution, SpecialRun, Task


def task_execution_view(task: Task) -> dict[str, Any]:
    """The `executionInfo` of a task: how it ended is told only of one that is completed."""
    execution = task.execution
    shown: dict[str, Any] = {"retryCount": execution.retries, "requeueCount": execution.requeues}
    if execution.started and task.state not in {ACTIVE, PREPARING}:
        shown["startTime"] = stamp(execution.started)
    if execution.last_retry:
        shown["lastRetryTime"] = stamp(execution.last_retry)
    if execution.last_requeue:
        shown["lastRequeueTime"] = stamp(execution.last_requeue)
    return shown | (_end(execution) if task.state == COMPLETED else {})


def node_info_view(host: str, task: Task, folder: str) -> dict[str, Any]:
    """The `nodeInfo` of a task that has been on a node; *folder* is the task's."""
    return {
        "affinityId": f"TVM:{task.node}",
        "nodeUrl": _node(host, task.pool, task.node),
        "poolId": task.pool,
        "nodeId": task.node,
        **_folder(host, task.pool, task.node, folder),
    }


def special_view(host: str, run: SpecialRun, folder: str, *, retries: bool) -> dict[str, Any]:
    """A preparation or a release on one node; only the former has *retries*."""
    execution = run.execution
    shown: dict[str, Any] = {"state": run.state, **_folder(host, run.pool, run.node, folder)}
    if execution.started:
        shown["startTime"] = stamp(execution.started)
    if retries:
        shown["retryCount"] = execution.retries
        if execution.last_retry:
            shown["lastRetryTime"] = stamp(execution.last_retry)
    return shown | (_end(execution) if run.state == COMPLETED else {})


def _end(execution: Execution) -> dict[str, Any]:
    shown: dict[str, Any] = {"result": "success" if execution.succeeded else "failure"}
    if execution.ended:
        shown["endTime"] = stamp(execution.ended)
    if execution.exit_code is not None:
        shown["exitCode"] = execution.exit_code
    if execution.failure:
        shown["failureInfo"] = failure_view(execution.failure)
    return shown


def _node(host: str, pool: str, node: str) -> str:
    return f"https://{host}/pools/{pool}/nodes/{node}"


def _folder(host: str, pool: str, node: str, folder: str) -> dict[str, str]:
    return {"taskRootDirectory": folder, "taskRootDirectoryUrl": f"{_node(host, pool, node)}/files/{folder}"}
