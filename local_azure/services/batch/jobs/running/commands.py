"""From a task's properties to what a machine runs."""

from __future__ import annotations

from typing import Any

from local_azure.machines import MachineTask, TaskUser
from local_azure.services.batch.catalogue.regions import endpoint
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.state.jobs import Job


def machine_task(host: Host, job: Job, properties: dict[str, Any], task_id: str) -> MachineTask:
    """A task of *job*, its preparation or its release, as a machine takes it.

    A task's own environment settings stand above the job's common ones. Source: JobAddParameter,
    commonEnvironmentSettings; "Azure Batch runtime environment variables".
    """
    preparation = job.properties.get("jobPreparationTask", {}).get("id", "")
    return MachineTask(
        command_line=properties["commandLine"],
        folder=job.folder(task_id),
        user=task_user(properties["userIdentity"]),
        environment={
            **environment(job.properties.get("commonEnvironmentSettings", ())),
            **environment(properties.get("environmentSettings", ())),
            "AZ_BATCH_ACCOUNT_URL": f"https://{endpoint(host.account.name, host.account.location)}",
            "AZ_BATCH_JOB_ID": job.id,
            "AZ_BATCH_TASK_ID": task_id,
            "AZ_BATCH_NODE_IS_DEDICATED": str(host.node.dedicated).lower(),
        },
        preparation=job.folder(preparation) if preparation and preparation != task_id else "",
    )


def task_user(identity: dict[str, Any]) -> TaskUser:
    """A user identity as a machine takes it."""
    if "username" in identity:
        return TaskUser(identity["username"])
    auto = identity["autoUser"]
    return TaskUser("", admin=auto["elevationLevel"] == "admin", shared=auto["scope"] == "pool")


def environment(settings: Any) -> dict[str, str]:
    """Environment settings by name."""
    return {entry["name"]: entry.get("value") or "" for entry in settings}
