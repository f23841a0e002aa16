"""What follows from how a task ended: for its job, and for the tasks that depend on it.

Source: ExitConditions and ExitOptions in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.state.jobs import COMPLETED, Job, Task

_UPLOAD_FAILURES = "FileUpload"


def job_action(job: Job, task: Task) -> str:
    """What the end of *task* does to its job: none, disable or terminate."""
    if job.properties["onTaskFailure"] == "noaction":
        return "none"
    default = "none" if task.execution.succeeded else "terminate"
    return str(_options(task).get("jobAction", default))


def lets_dependents_go(task: Task) -> bool:
    """Whether tasks that depend on *task* may begin: once it has succeeded, or where its end is declared good."""
    if task.state != COMPLETED:
        return False
    action = _options(task).get("dependencyAction")
    return task.execution.succeeded if action is None else action == "satisfy"


def dependencies_met(job: Job, task: Task) -> bool:
    """Whether all tasks that *task* depends on let it go; one that was never added does not."""
    wanted = task.properties.get("dependsOn")
    if not wanted:
        return True
    names = [*wanted.get("taskIds", ())]
    for span in wanted.get("taskIdRanges", ()):
        names += [str(number) for number in range(span["start"], span["end"] + 1)]
    found = (job.tasks.get(name.lower()) for name in names)
    return all(other is not None and lets_dependents_go(other) for other in found)


def _options(task: Task) -> dict[str, Any]:
    """The exit options that apply to how *task* ended."""
    conditions: dict[str, Any] = task.properties.get("exitConditions", {})
    code, failure = task.execution.exit_code, task.execution.failure
    if code is not None and (options := _of_exit_code(conditions, code)) is not None:
        return options
    if failure is None:
        return {}
    kind = "default"
    if failure.code.startswith(_UPLOAD_FAILURES):
        kind = "fileUploadError"
    elif code is None and failure.code != "TaskEnded":
        kind = "preProcessingError"
    return dict(conditions.get(kind, conditions.get("default", {})))


def _of_exit_code(conditions: dict[str, Any], code: int) -> dict[str, Any] | None:
    """The options of the entry that names *code*; None where none does."""
    single = (entry for entry in conditions.get("exitCodes", ()) if entry["code"] == code)
    spans = (entry for entry in conditions.get("exitCodeRanges", ()) if entry["start"] <= code <= entry["end"])
    return next((dict(entry["exitOptions"]) for entry in (*single, *spans)), None)
