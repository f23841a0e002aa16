"""A job schedule as the data plane shows it.

Source: CloudJobSchedule in the Batch service API description 2024-02-01.19.0; BatchJobSchedule of azure-batch 15.1.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.state.schedules import JobSchedule


def schedule_url(host: str, schedule: JobSchedule) -> str:
    """The address of a job schedule."""
    return f"https://{host}/jobschedules/{schedule.id}"


def schedule_view(host: str, schedule: JobSchedule) -> dict[str, Any]:
    """The whole schedule."""
    execution: dict[str, Any] = {}
    if schedule.next and not schedule.ending:
        execution["nextRunTime"] = stamp(schedule.next)
    if schedule.recent:
        execution["recentJob"] = {"id": schedule.recent, "url": f"https://{host}/jobs/{schedule.recent}"}
    if schedule.ended:
        execution["endTime"] = stamp(schedule.ended)
    shown: dict[str, Any] = {
        "id": schedule.id,
        "url": schedule_url(host, schedule),
        "eTag": schedule.etag,
        "lastModified": stamp(schedule.modified),
        "creationTime": stamp(schedule.created),
        "state": schedule.state,
        "stateTransitionTime": stamp(schedule.state_since),
        **schedule.properties,
        "executionInfo": execution,
    }
    if schedule.previous_since:
        shown["previousState"] = schedule.previous_state
        shown["previousStateTransitionTime"] = stamp(schedule.previous_since)
    return shown
