"""From the body of a request to the properties of a job schedule, complete and checked.

Source: JobScheduleAddParameter, JobSchedulePatchParameter, JobScheduleUpdateParameter, Schedule and JobSpecification in
the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_azure.services.batch.errors import invalid
from local_azure.services.batch.jobs.bodies.common import check_metadata, duration, present
from local_azure.services.batch.jobs.bodies.job import completed_job
from local_azure.services.batch.protocol.shapes import members, text
from local_azure.services.batch.protocol.times import parse_duration, parse_stamp

_LEAST = timedelta(minutes=1)
_LONGEST_NAME = 1024


def completed_schedule(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of the schedule that *body* adds. Raises: AzureError 400, 409."""
    if body.get("displayName"):
        text(body["displayName"], "displayName", _LONGEST_NAME)
    return {**present(body, ("displayName",)), **replaced_schedule(body)}


def replaced_schedule(body: dict[str, Any]) -> dict[str, Any]:
    """All that can be changed, as *body* has it. Raises: AzureError 400, 409."""
    check_metadata(body.get("metadata"))
    return {
        "schedule": _dates(body.get("schedule")),
        "jobSpecification": completed_job(members(body.get("jobSpecification"), "jobSpecification")),
        **present(body, ("metadata",)),
    }


def patched_schedule(body: dict[str, Any]) -> dict[str, Any]:
    """What *body* changes. Raises: AzureError 400, 409."""
    check_metadata(body.get("metadata"))
    changes: dict[str, Any] = present(body, ("metadata",))
    if body.get("schedule") is not None:
        changes["schedule"] = _dates(body["schedule"])
    if body.get("jobSpecification") is not None:
        changes["jobSpecification"] = completed_job(members(body["jobSpecification"], "jobSpecification"))
    return changes


def _dates(given: Any) -> dict[str, Any]:
    """A `schedule`; what it leaves out has no limit, and none at all is one job at once."""
    schedule = members(given, "schedule") if given is not None else {}
    for name in ("doNotRunUntil", "doNotRunAfter"):
        if schedule.get(name) is not None:
            _check_moment(schedule[name], f"schedule.{name}")
    for name in ("startWindow", "recurrenceInterval"):
        if schedule.get(name) is not None:
            _check_span(schedule[name], f"schedule.{name}")
    return present(schedule, ("doNotRunUntil", "doNotRunAfter", "startWindow", "recurrenceInterval"))


def _check_moment(value: Any, path: str) -> None:
    try:
        parse_stamp(text(value, path))
    except ValueError:
        raise invalid(path, "The value must be a time in ISO 8601 format.", value) from None


def _check_span(value: Any, path: str) -> None:
    if parse_duration(duration(value, path)) < _LEAST:
        raise invalid(path, "The value must be at least 1 minute.", value)
