"""What examples of Batch's management need: accounts and pools."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.conformance.preparing import before
from tests.conformance.scene import Scene
from tests.conformance.waiting import until

SERVICE = "batch/resource-manager"
_LINUX = {
    "imageReference": {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts"},
    "nodeAgentSkuId": "batch.node.ubuntu 22.04",
}


@before(SERVICE, "BatchAccount_Update", "BatchAccount_Delete", "BatchAccount_RegenerateKey", "BatchAccount_GetKeys")
@before(SERVICE, "BatchAccount_List", "BatchAccount_ListByResourceGroup", "Pool_Create")
def account(scene: Scene) -> str:
    """An account with a storage account of its own; returns its path."""
    group = f"/subscriptions/{scene.speaker.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/storage"
    storage = {"storageAccountId": f"{group}/providers/Microsoft.Storage/storageAccounts/samplestorage"}
    return _account(scene, {"location": "japaneast", "properties": {"autoStorage": storage}})


@before(SERVICE, "Location_CheckNameAvailability")
def named_account(scene: Scene) -> None:
    """The name is taken where the example says so."""
    scene.body["name"] = f"{scene.body['name']}{scene.number}"
    if scene.example.name.endswith("AlreadyExists"):
        scene.values["accountName"] = scene.body["name"]
        account(scene)


@before(SERVICE, "BatchAccount_Get")
def account_of_the_answer(scene: Scene) -> None:
    """An account as the example shows it."""
    _account(scene, {"location": "japaneast", **scene.made_by("BatchAccount_Create")})


@before(SERVICE, "Pool_Update", "Pool_Delete")
def pool(scene: Scene) -> None:
    """A pool without nodes, but with a start task."""
    _steady(scene, _pool(scene, startTask={"commandLine": "/bin/true"}))


@before(SERVICE, "Pool_StopResize")
def growing_pool(scene: Scene) -> None:
    """A pool that is getting its node."""
    _pool(scene, scaleSettings={"fixedScale": {"targetDedicatedNodes": 1, "targetLowPriorityNodes": 0}})


@before(SERVICE, "Pool_DisableAutoScale", "Pool_ListByBatchAccount")
def scaled_pool(scene: Scene) -> None:
    """A pool with autoscale."""
    formula = {"formula": "$TargetDedicatedNodes=0", "evaluationInterval": "PT5M"}
    _steady(scene, _pool(scene, scaleSettings={"autoScale": formula}))


@before(SERVICE, "Pool_Get")
def pool_of_the_answer(scene: Scene) -> None:
    """A pool as the example shows it."""
    body = scene.made_by("Pool_Create")
    scene.identities(body)
    scene.speaker.manage("PUT", f"{account(scene)}/pools/{scene.values['poolName']}", body, version=scene.version)


def _account(scene: Scene, body: Any) -> str:
    group = scene.values.get("resourceGroupName", f"rg-{scene.number}")
    scene.group(group)
    name = scene.values.get("accountName", f"listed{scene.number}")
    path = f"/resourceGroups/{group}/providers/Microsoft.Batch/batchAccounts/{name}"
    scene.speaker.manage("PUT", path, body, version=scene.version)
    return path


def _pool(scene: Scene, **properties: Any) -> str:
    body = {"vmSize": "STANDARD_D2S_V3", "deploymentConfiguration": {"virtualMachineConfiguration": _LINUX}}
    path = f"{account(scene)}/pools/{scene.values.get('poolName', 'testpool')}"
    scene.speaker.manage("PUT", path, {"properties": body | properties}, version=scene.version)
    return path


def _steady(scene: Scene, path: str) -> None:
    """Every new pool is resized, be it to nothing; until then it takes no other scale."""
    found = partial(scene.speaker.manage, "GET", path, version=scene.version)
    until(lambda: found()["properties"]["allocationState"], lambda state: state == "Steady")
