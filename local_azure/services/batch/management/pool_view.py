"""A pool as Resource Manager shows it.

Source: Pool in the Batch management API description 2025-06-01 and its examples.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.protocol.spelling import public
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.protocol.versions import in_version
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import AutoScaleRun, Pool, Resize, ResizeFailure


def view(batch: Batch, account: Account, pool: Pool, api_version: str) -> dict[str, Any]:
    """The whole resource as *api_version* has it, without secrets."""
    dedicated = sum(node.dedicated for node in pool.nodes.values())
    shown: dict[str, Any] = {
        "id": f"{batch.accounts.arm_id(account)}/pools/{pool.name}",
        "name": pool.name,
        "type": f"{ACCOUNT_TYPE}/pools",
        "etag": f'W/"{pool.etag}"',
        "properties": {
            "lastModified": stamp(pool.modified),
            "creationTime": stamp(pool.created),
            "provisioningState": pool.provisioning_state,
            "provisioningStateTransitionTime": stamp(pool.provisioning_since or pool.created),
            "allocationState": pool.allocation_state,
            "allocationStateTransitionTime": stamp(pool.allocation_since or pool.created),
            **in_version(public(pool.properties), api_version),
            "currentDedicatedNodes": dedicated,
            "currentLowPriorityNodes": len(pool.nodes) - dedicated,
        },
    }
    if pool.resize:
        shown["properties"]["resizeOperationStatus"] = _resize(pool, pool.resize)
    if pool.auto_scale_run:
        shown["properties"]["autoScaleRun"] = _run(pool.auto_scale_run)
    if pool.identities:
        identities = batch.identities.view(pool.identities)
        shown["identity"] = {"type": "UserAssigned", "userAssignedIdentities": identities}
    return shown


def _run(run: AutoScaleRun) -> dict[str, Any]:
    shown: dict[str, Any] = {"evaluationTime": stamp(run.at), "results": run.results}
    if run.error_code:
        detail = {"code": "Message", "message": run.error_detail}
        shown["error"] = {"code": run.error_code, "message": run.error_message, "details": [detail]}
    return shown


def _resize(pool: Pool, resize: Resize) -> dict[str, Any]:
    status: dict[str, Any] = {
        "startTime": stamp(resize.started),
        "targetDedicatedNodes": resize.dedicated,
        "targetLowPriorityNodes": resize.low_priority,
        "nodeDeallocationOption": resize.option,
        "resizeTimeout": resize.timeout,
    }
    if resize.failures and pool.allocation_state == "Steady":  # errors are shown of a resize that is over
        status["errors"] = [_failure(failure) for failure in resize.failures]
    return status


def _failure(failure: ResizeFailure) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": failure.code, "message": failure.message}
    if failure.details:
        shown["details"] = [{"code": name, "message": value} for name, value in failure.details.items()]
    return shown
