"""A node and its extensions as the data plane shows them.

Source: BatchNode and BatchNodeVMExtension of the Batch service API 2025-06-01 (azure-batch 15.1).
"""

from __future__ import annotations

from typing import Any

from local_azure.machines import ExtensionStatus
from local_azure.services.batch.data.task_view import recent_view
from local_azure.services.batch.fleet.failures import failure_view
from local_azure.services.batch.nodes.nodes import SSH_PORT, nat_pools
from local_azure.services.batch.protocol.spelling import member, public, to_data
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.nodes import Node, NodeError, StartTaskRun
from local_azure.services.batch.state.pools import Pool

_AGENT_VERSION = "1.13.1.0"


def node_view(batch: Batch, host: str, account: Account, pool: Pool, node: Node) -> dict[str, Any]:
    """The whole node; times that have not come yet are left out."""
    shown: dict[str, Any] = {
        "id": node.id,
        "url": f"https://{host}/pools/{pool.name}/nodes/{node.id}",
        "state": node.state,
        "schedulingState": node.scheduling,
        "stateTransitionTime": stamp(node.state_since),
        "allocationTime": stamp(node.allocated),
        "ipAddress": private_address(node),
        "affinityId": f"TVM:{node.id}",
        "vmSize": pool.properties["vmSize"].lower(),
        "totalTasksRun": node.tasks_run,
        "totalTasksSucceeded": node.tasks_succeeded,
        "runningTasksCount": len(node.running),
        "runningTaskSlotsCount": sum(node.running.values()),
        "isDedicated": node.dedicated,
        "virtualMachineInfo": {"imageReference": _image(pool)},
    }
    if node.last_boot:
        shown["lastBootTime"] = stamp(node.last_boot)
        shown["nodeAgentInfo"] = {"version": _AGENT_VERSION, "lastUpdateTime": stamp(node.last_boot)}
    if "startTask" in pool.properties:
        shown["startTask"] = to_data(public(pool.properties["startTask"]), "startTask")
    if node.start_task:
        shown["startTaskInfo"] = _start_task(node.start_task)
    if endpoints := _endpoints(batch, account, pool, node):
        shown["endpointConfiguration"] = {"inboundEndpoints": endpoints}
    if recent := _recent(host, account, node):
        shown["recentTasks"] = recent
    if node.errors:
        shown["errors"] = [_error(error) for error in node.errors]
    return shown


def extension_view(extension: dict[str, Any], status: ExtensionStatus | None) -> dict[str, Any]:
    """An extension of a node, with what the node's agent tells of it; never its protected settings."""
    shown: dict[str, Any] = {"vmExtension": public(extension)}
    if status is None:
        return {"provisioningState": "Creating", **shown}
    word, level, said = {
        "success": ("succeeded", "Info", "Provisioning succeeded"),
        "warning": ("succeeded", "Warning", "Provisioning succeeded"),
        "error": ("failed", "Error", "Provisioning failed"),
    }.get(status.state, ("transitioning", "Info", "Transitioning"))
    entry = {"code": f"ProvisioningState/{word}", "level": level, "displayStatus": said, "message": status.message}
    return {
        "provisioningState": {"succeeded": "Succeeded", "failed": "Failed"}.get(word, "Creating"),
        **shown,
        "instanceView": {"name": status.name, "statuses": [entry]},
    }


def private_address(node: Node) -> str:
    """The node's address inside the pool's network; Azure keeps the first four of a subnet for itself."""
    number = node.index + 4
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _endpoints(batch: Batch, account: Account, pool: Pool, node: Node) -> list[dict[str, Any]]:
    """The node's ports as seen from outside; the one for SSH is where its machine answers, as for remote login."""
    address = batch.nodes.find_address(account, pool, node)
    if address is None:
        return []
    return [
        {
            "name": f"{nat_pool['name']}.{node.index}",
            "protocol": nat_pool["protocol"].lower(),
            "publicIPAddress": address[0],
            "publicFQDN": address[0],
            "frontendPort": address[1]
            if nat_pool["backendPort"] == SSH_PORT
            else nat_pool["frontendPortRangeStart"] + node.index,
            "backendPort": nat_pool["backendPort"],
        }
        for nat_pool in nat_pools(pool)
    ]


def _recent(host: str, account: Account, node: Node) -> list[dict[str, Any]]:
    """The tasks that ran on the node last, those that exist no more left out."""
    found = []
    for name in node.recent:
        job_name, _, task_name = name.partition("/")
        job = account.jobs.get(job_name)
        task = job.tasks.get(task_name) if job else None
        if job and task:
            found.append(recent_view(host, job, task))
    return found


def _image(pool: Pool) -> dict[str, Any]:
    reference = member(pool.properties, "deploymentConfiguration", "virtualMachineConfiguration", "imageReference")
    shown: dict[str, Any] = to_data(reference, "imageReference")
    return shown


def _start_task(run: StartTaskRun) -> dict[str, Any]:
    shown: dict[str, Any] = {"state": run.state, "startTime": stamp(run.started), "retryCount": run.retries}
    if run.last_retry:
        shown["lastRetryTime"] = stamp(run.last_retry)
    if run.ended:
        shown["endTime"] = stamp(run.ended)
    if run.state != "completed":
        return shown
    if run.exit_code is not None:
        shown["exitCode"] = run.exit_code
    if run.failure:
        shown["failureInfo"] = failure_view(run.failure)
    return shown | {"result": "failure" if run.failure else "success"}


def _error(error: NodeError) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        shown["errorDetails"] = [{"name": name, "value": value} for name, value in error.details.items()]
    return shown
