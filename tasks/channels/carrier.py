"""How a script travels by a task of Batch, and how what it printed is taken from the task's files again."""

from __future__ import annotations

from azure.batch import BatchClient

from tasks.azure_api import task_jobs
from tasks.azure_api.task_jobs import TaskState
from tasks.channels import faults
from tasks.channels.values import Bounds

_NODE, _SCRIPT = "BATCHCERT_NODE", "BATCHCERT_SCRIPT"
_GREETING = "batchcert-node"
_ERRORS = 4096  # bytes of stderr.txt
COMMAND_LINE = (
    f"""/bin/sh -c 'printf "{_GREETING} %s\\n" "$AZ_BATCH_NODE_ID"; """
    f"""[ "$AZ_BATCH_NODE_ID" = "${_NODE}" ] || exit 0; """
    f"""printf %s "${_SCRIPT}" | (unset {_SCRIPT}; exec /bin/sh -s)'"""
)
"""Batch runs command lines without a shell. On another node than its own the task ends at once, and well."""


def job_variables(script: str) -> dict[str, str]:
    """What all tasks of a job have in their environment."""
    return {_SCRIPT: script}


def task_variables(node: str) -> dict[str, str]:
    """What the task for *node* has besides."""
    return {_NODE: node}


def answer(api: BatchClient, job: str, node: str, state: TaskState, bounds: Bounds) -> bytes:
    """What the script printed, of a task that has ended on its node: `most_bytes`, and one more where there is more.

    Raises: Problem `task-not-ended`, `task-failed`, `task-not-the-node`; what Batch says where it gives no file.
    """
    if state.exit_code is None:
        too_long = state.lasted and state.lasted.total_seconds() >= bounds.run_seconds
        raise faults.not_ended(node, bounds.run_seconds) if too_long else faults.failed(node, state.failure)
    if state.exit_code:
        errors = task_jobs.output(api, job, state.task_id, "stderr.txt", _ERRORS)
        raise faults.failed(node, f"its exit code is {state.exit_code}", errors)
    greeting = f"{_GREETING} {node}\n".encode()
    whole = task_jobs.output(api, job, state.task_id, "stdout.txt", bounds.most_bytes + len(greeting))
    if not whole.startswith(greeting):
        raise faults.not_the_node(node, whole)
    return whole[len(greeting) :]
