"""From the body of a request to the properties of a task, complete and checked.

Source: TaskAddParameter and its parts in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.jobs.bodies.common import (
    check_command,
    checked_id,
    completed_constraints,
    completed_user,
    present,
)
from local_azure.services.batch.protocol.shapes import chosen_option, integer, items, members, text
from local_azure.services.batch.state.jobs import Job

_NAMES = (
    "displayName",
    "commandLine",
    "resourceFiles",
    "outputFiles",
    "environmentSettings",
    "affinityInfo",
    "exitConditions",
    "constraints",
    "requiredSlots",
    "userIdentity",
    "dependsOn",
)
_LONGEST_DEPENDENCIES = 64_000  # characters of all task ids together
_MOST_SLOTS = 256
_UPLOADS = ("taskcompletion", "tasksuccess", "taskfailure")
_SPECIFIC = ("exitCodes", "exitCodeRanges")
_GENERAL = ("preProcessingError", "fileUploadError", "default")


def completed_task(job: Job, body: dict[str, Any]) -> dict[str, Any]:
    """The properties of the task that *body* adds to *job*. Raises: AzureError."""
    check_command(body)
    retries = job.properties["constraints"]["maxTaskRetryCount"]
    properties = {
        **present(body, _NAMES),
        "constraints": completed_constraints(body.get("constraints"), "constraints", retries=retries),
        "requiredSlots": integer(body.get("requiredSlots") or 1, "requiredSlots", 1, _MOST_SLOTS),
        "userIdentity": completed_user(body.get("userIdentity"), "userIdentity", scope="task"),
    }
    if "affinityInfo" in properties:
        text(members(properties["affinityInfo"], "affinityInfo").get("affinityId"), "affinityInfo.affinityId")
    _check_files(properties)
    if "dependsOn" in properties:
        properties["dependsOn"] = _dependencies(job, properties["dependsOn"])
    if "exitConditions" in properties:
        properties["exitConditions"] = _exit_conditions(job, properties["exitConditions"])
    return properties


def completed_manager(body: dict[str, Any], retries: int) -> dict[str, Any]:
    """The properties of a job manager task, its own ones included. Raises: AzureError."""
    path = "jobManagerTask"
    given = members(body, path)
    check_command(given, f"{path}.")
    return {
        "killJobOnCompletion": True,
        "runExclusive": True,
        "allowLowPriorityNode": True,
        **present(given, ("killJobOnCompletion", "runExclusive", "allowLowPriorityNode", *_NAMES)),
        "id": checked_id(given.get("id"), f"{path}.id"),
        "constraints": completed_constraints(given.get("constraints"), f"{path}.constraints", retries=retries),
        "requiredSlots": integer(given.get("requiredSlots") or 1, f"{path}.requiredSlots", 1, _MOST_SLOTS),
        "userIdentity": completed_user(given.get("userIdentity"), f"{path}.userIdentity", scope="task"),
    }


def task_of_manager(manager: dict[str, Any]) -> dict[str, Any]:
    """The properties of the task that a job manager is among the job's tasks."""
    return present(manager, _NAMES)


def _check_files(properties: dict[str, Any]) -> None:
    for entry in items(properties.get("resourceFiles"), "resourceFiles"):
        sources = present(
            members(entry, "resourceFiles"), ("httpUrl", "storageContainerUrl", "autoStorageContainerName")
        )
        if len(sources) != 1:
            raise invalid(
                "resourceFiles",
                "Exactly one of httpUrl, storageContainerUrl and autoStorageContainerName must be specified.",
            )
    for entry in items(properties.get("outputFiles"), "outputFiles"):
        text(members(entry, "outputFiles").get("filePattern"), "outputFiles.filePattern")
        members(entry.get("destination"), "outputFiles.destination")
        options = members(entry.get("uploadOptions"), "outputFiles.uploadOptions")
        chosen_option(options.get("uploadCondition"), "outputFiles.uploadOptions.uploadCondition", _UPLOADS)


def _dependencies(job: Job, given: Any) -> dict[str, Any]:
    if not job.properties["usesTaskDependencies"]:
        raise refusal("TaskDependenciesNotSpecifiedOnJob")
    depends = members(given, "dependsOn")
    ids = [text(name, "dependsOn.taskIds") for name in items(depends.get("taskIds"), "dependsOn.taskIds")]
    if sum(map(len, ids)) > _LONGEST_DEPENDENCIES:
        raise refusal("TaskDependencyListTooLong")
    ranges = [members(span, "dependsOn.taskIdRanges") for span in items(depends.get("taskIdRanges"), "taskIdRanges")]
    for span in ranges:
        for name in ("start", "end"):
            integer(span.get(name), f"dependsOn.taskIdRanges.{name}", 0, 2**31 - 1)
    return {**({"taskIds": ids} if ids else {}), **({"taskIdRanges": ranges} if ranges else {})}


def _exit_conditions(job: Job, given: Any) -> dict[str, Any]:
    conditions = present(members(given, "exitConditions"), (*_SPECIFIC, *_GENERAL))
    for name in _GENERAL:
        if name in conditions:
            conditions[name] = _exit_options(job, conditions[name], f"exitConditions.{name}")
    for name, bounds in (("exitCodes", ("code",)), ("exitCodeRanges", ("start", "end"))):
        path = f"exitConditions.{name}"
        entries = [members(entry, path) for entry in items(conditions.get(name), path)]
        for entry in entries:
            for bound in bounds:
                integer(entry.get(bound), f"{path}.{bound}", -(2**31), 2**31 - 1)
            entry["exitOptions"] = _exit_options(job, entry.get("exitOptions"), f"{path}.exitOptions")
        if entries:
            conditions[name] = entries
    return conditions


def _exit_options(job: Job, given: Any, path: str) -> dict[str, str]:
    options = present(members(given, path), ("jobAction", "dependencyAction"))
    if "jobAction" in options:
        if job.properties["onTaskFailure"] == "noaction":
            raise invalid(
                f"{path}.jobAction", "A job action needs a job whose onTaskFailure is performexitoptionsjobaction."
            )
        options["jobAction"] = chosen_option(
            options["jobAction"], f"{path}.jobAction", ("none", "disable", "terminate")
        )
    if "dependencyAction" in options:
        options["dependencyAction"] = chosen_option(
            options["dependencyAction"], f"{path}.dependencyAction", ("satisfy", "block")
        )
    return options
