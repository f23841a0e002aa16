"""From the body of a request to the properties of a job, complete and checked.

Source: JobAddParameter, JobPatchParameter, JobUpdateParameter and their parts in the Batch service API description
2024-02-01.19.0; the defaults are those of its examples.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.jobs.bodies.common import (
    RETENTION,
    check_command,
    check_environment,
    check_metadata,
    checked_id,
    completed_constraints,
    completed_user,
    duration,
    present,
    retry_count,
)
from local_azure.services.batch.jobs.bodies.task import completed_manager
from local_azure.services.batch.protocol.shapes import chosen_option, integer, members, text
from local_azure.services.batch.protocol.times import UNLIMITED

_PLAIN = ("displayName", "commonEnvironmentSettings", "metadata", "networkConfiguration")
_RELEASE_LIMIT = timedelta(minutes=15)
_COMPLETE = ("noaction", "terminatejob")
_FAILURE = ("noaction", "performexitoptionsjobaction")
_SPECIAL = ("commandLine", "resourceFiles", "environmentSettings")


def completed_job(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of the job that *body* adds. Raises: AzureError 400, 409."""
    properties = {
        **present(body, _PLAIN),
        **_updatable(body),
        "usesTaskDependencies": bool(body.get("usesTaskDependencies")),
        "onTaskFailure": chosen_option(body.get("onTaskFailure"), "onTaskFailure", _FAILURE),
    }
    check_environment(properties.get("commonEnvironmentSettings"), "commonEnvironmentSettings")
    retries = properties["constraints"]["maxTaskRetryCount"]
    if body.get("jobManagerTask") is not None:
        properties["jobManagerTask"] = completed_manager(body["jobManagerTask"], retries)
    if body.get("jobPreparationTask") is not None:
        properties["jobPreparationTask"] = _preparation(body["jobPreparationTask"])
    if body.get("jobReleaseTask") is not None:
        if "jobPreparationTask" not in properties:
            raise invalid(
                "jobReleaseTask", "A job release task cannot be specified without a job preparation task for the job."
            )
        properties["jobReleaseTask"] = _release(body["jobReleaseTask"])
    _check_distinct(properties)
    return properties


def replaced_job(old: dict[str, Any], body: dict[str, Any], *, disabled: bool) -> dict[str, Any]:
    """*old* with all that can be changed as *body* has it, or at its default. Raises: AzureError 400."""
    kept = {name: value for name, value in old.items() if name != "metadata"}
    return _changed(old, {**kept, **present(body, ("metadata",)), **_updatable(body)}, disabled=disabled)


def patched_job(old: dict[str, Any], body: dict[str, Any], *, disabled: bool) -> dict[str, Any]:
    """*old* with what *body* gives changed. Raises: AzureError 400."""
    merged = {**old, **present(body, ("metadata", *_updatable(old)))}
    return _changed(old, {**merged, **_updatable(merged)}, disabled=disabled)


def _changed(old: dict[str, Any], new: dict[str, Any], *, disabled: bool) -> dict[str, Any]:
    check_metadata(new.get("metadata"))
    if new["poolInfo"] != old["poolInfo"] and not disabled:
        raise invalid("poolInfo", "The pool of a job can be changed only while the job is disabled.")
    if old["onAllTasksComplete"] == "terminatejob" and new["onAllTasksComplete"] == "noaction":
        raise invalid("onAllTasksComplete", "The value cannot be changed from terminatejob to noaction.", "noaction")
    return new


def _updatable(body: dict[str, Any]) -> dict[str, Any]:
    """What a job can be updated in, with the defaults of what *body* leaves out."""
    parallel = body.get("maxParallelTasks")
    if parallel == 0:
        raise invalid("maxParallelTasks", "The value must be -1 or greater than 0.", 0)
    check_metadata(body.get("metadata"))
    return {
        "priority": integer(body.get("priority") or 0, "priority", -1000, 1000),
        "maxParallelTasks": -1 if parallel is None else integer(parallel, "maxParallelTasks", -1, 2**31 - 1),
        "allowTaskPreemption": bool(body.get("allowTaskPreemption")),
        "constraints": _constraints(body.get("constraints")),
        "poolInfo": _pool(body.get("poolInfo")),
        "onAllTasksComplete": chosen_option(body.get("onAllTasksComplete"), "onAllTasksComplete", _COMPLETE),
    }


def _constraints(given: Any) -> dict[str, Any]:
    constraints = members(given, "constraints") if given is not None else {}
    return {
        "maxWallClockTime": duration(constraints.get("maxWallClockTime") or UNLIMITED, "constraints.maxWallClockTime"),
        "maxTaskRetryCount": retry_count(constraints.get("maxTaskRetryCount") or 0, "constraints.maxTaskRetryCount"),
    }


def _pool(given: Any) -> dict[str, Any]:
    info = members(given, "poolInfo")
    if info.get("autoPoolSpecification") is not None:
        raise refusal(
            "UnsupportedProperty",
            {
                "PropertyName": "autoPoolSpecification",
                "PropertyPath": "poolInfo.autoPoolSpecification",
                "Reason": "This region makes no pools for jobs by itself; use poolId.",
            },
        )
    return {"poolId": text(info.get("poolId"), "poolInfo.poolId")}


def _preparation(given: Any) -> dict[str, Any]:
    path = "jobPreparationTask"
    body = members(given, path)
    check_command(body, f"{path}.")
    return {
        "waitForSuccess": True,
        "rerunOnNodeRebootAfterSuccess": True,
        **present(body, (*_SPECIAL, "waitForSuccess", "rerunOnNodeRebootAfterSuccess")),
        "id": checked_id(body.get("id") or "jobpreparation", f"{path}.id"),
        "constraints": completed_constraints(body.get("constraints"), f"{path}.constraints", retries=0),
        "userIdentity": completed_user(body.get("userIdentity"), f"{path}.userIdentity", scope="pool"),
    }


def _release(given: Any) -> dict[str, Any]:
    path = "jobReleaseTask"
    body = members(given, path)
    check_command(body, f"{path}.")
    return {
        **present(body, _SPECIAL),
        "id": checked_id(body.get("id") or "jobrelease", f"{path}.id"),
        "maxWallClockTime": duration(
            body.get("maxWallClockTime") or "PT15M", f"{path}.maxWallClockTime", _RELEASE_LIMIT
        ),
        "retentionTime": duration(body.get("retentionTime") or RETENTION, f"{path}.retentionTime"),
        "userIdentity": completed_user(body.get("userIdentity"), f"{path}.userIdentity", scope="task"),
    }


def _check_distinct(properties: dict[str, Any]) -> None:
    ids = [
        properties[name]["id"].lower()
        for name in ("jobManagerTask", "jobPreparationTask", "jobReleaseTask")
        if name in properties
    ]
    if len(set(ids)) < len(ids):
        raise invalid("id", "The tasks of a job must have different ids.")
