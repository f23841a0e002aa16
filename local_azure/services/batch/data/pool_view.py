"""A pool as the data plane shows it.

Source: BatchPool of the Batch service API 2025-06-01 (azure-batch 15.1).
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.protocol.spelling import public, to_data
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.protocol.versions import in_version
from local_azure.services.batch.scaling.resizing import targets_of
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.pools import AutoScaleRun, Pool, ResizeFailure
from local_azure.wire.messages import Request

_PLAIN = (
    "displayName",
    "metadata",
    "mountConfiguration",
    "networkConfiguration",
    "startTask",
    "taskSlotsPerNode",
    "taskSchedulingPolicy",
    "upgradePolicy",
    "userAccounts",
    "resourceTags",
    "applicationPackages",
    "targetNodeCommunicationMode",
    "currentNodeCommunicationMode",
)


def pool_view(batch: Batch, request: Request, pool: Pool) -> dict[str, Any]:
    """The whole pool as the request's api-version has it, without secrets."""
    properties = in_version(public(pool.properties), request.api_version)
    dedicated = sum(node.dedicated for node in pool.nodes.values())
    shown: dict[str, Any] = {
        "id": pool.name,
        "url": f"https://{request.host}/pools/{pool.name}",
        "eTag": pool.etag,
        "lastModified": stamp(pool.modified),
        "creationTime": stamp(pool.created),
        "state": "deleting" if pool.deleting else "active",
        "stateTransitionTime": stamp(pool.provisioning_since or pool.created),
        "allocationState": pool.allocation_state.lower(),
        "allocationStateTransitionTime": stamp(pool.allocation_since or pool.created),
        "vmSize": properties["vmSize"].lower(),
        "virtualMachineConfiguration": to_data(
            properties["deploymentConfiguration"]["virtualMachineConfiguration"], "virtualMachineConfiguration"
        ),
        "currentDedicatedNodes": dedicated,
        "currentLowPriorityNodes": len(pool.nodes) - dedicated,
        **_scale(pool),
        "enableInterNodeCommunication": properties["interNodeCommunication"] == "Enabled",
        **to_data({name: properties[name] for name in _PLAIN if name in properties}),
    }
    if pool.resize and pool.resize.failures and pool.allocation_state == "Steady":
        shown["resizeErrors"] = [_failure(failure) for failure in pool.resize.failures]
    if pool.identities:
        identities = batch.identities.view(pool.identities)
        assigned = [{"resourceId": arm_id, **ids} for arm_id, ids in identities.items()]
        shown["identity"] = {"type": "UserAssigned", "userAssignedIdentities": assigned}
    return shown


def run_view(run: AutoScaleRun) -> dict[str, Any]:
    """An evaluation of a formula."""
    shown: dict[str, Any] = {"timestamp": stamp(run.at), "results": run.results}
    if run.error_code:
        detail = {"name": "Message", "value": run.error_detail}
        shown["error"] = {"code": run.error_code, "message": run.error_message, "values": [detail]}
    return shown


def _scale(pool: Pool) -> dict[str, Any]:
    dedicated, low_priority = targets_of(pool)
    automatic = pool.properties["scaleSettings"].get("autoScale")
    shown: dict[str, Any] = {
        "targetDedicatedNodes": dedicated,
        "targetLowPriorityNodes": low_priority,
        "enableAutoScale": automatic is not None,
    }
    if automatic is None:
        fixed = pool.properties["scaleSettings"]["fixedScale"]
        return shown | {"resizeTimeout": pool.resize.timeout if pool.resize else fixed["resizeTimeout"]}
    shown |= {
        "autoScaleFormula": automatic["formula"],
        "autoScaleEvaluationInterval": automatic["evaluationInterval"],
    }
    return shown | ({"autoScaleRun": run_view(pool.auto_scale_run)} if pool.auto_scale_run else {})


def _failure(failure: ResizeFailure) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": failure.code, "message": failure.message}
    if failure.details:
        shown["values"] = [{"name": name, "value": value} for name, value in failure.details.items()]
    return shown
