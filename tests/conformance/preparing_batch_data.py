"""What examples at a Batch account's host need: pools with and without nodes, jobs and tasks.

Nodes take time, so that one pool of them serves all examples; what disturbs a node is sent to one of its own.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.preparing import before
from tests.conformance.scene import Scene
from tests.conformance.waiting import until

SERVICE = "batch/data-plane"
_MANAGEMENT_VERSION = "2024-02-01"
_LINUX = {
    "imageReference": {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts"},
    "nodeAgentSKUId": "batch.node.ubuntu 22.04",
}
_OWN_NODE = {  # of the pool that all share
    "ComputeNode_Reboot": 1,
    "ComputeNode_Reimage": 2,
    "ComputeNode_DisableScheduling": 3,
    "ComputeNode_EnableScheduling": 3,
}
_WRITES = "/bin/sh -c 'echo written > testFile.txt'"


@before(SERVICE, "Pool_Add")
def unmade_pool(scene: Scene) -> None:
    """A name that no other example gives its pool."""
    scene.body["id"] = f"{scene.body['id']}-{scene.number}"


@before(SERVICE, "Pool_Delete", "Pool_Exists", "Pool_Patch", "Pool_Resize", "Pool_List", "Pool_UpdateProperties")
@before(SERVICE, "Pool_EnableAutoScale")
def pool(scene: Scene) -> None:
    """A pool without nodes."""
    _steady(scene, _pool(scene, targetDedicatedNodes=0))


@before(SERVICE, "Pool_StopResize")
def growing_pool(scene: Scene) -> None:
    """A pool that is getting its node."""
    _pool(scene, targetDedicatedNodes=1)


@before(SERVICE, "Pool_DisableAutoScale", "Pool_EvaluateAutoScale")
def scaled_pool(scene: Scene) -> None:
    """A pool with autoscale."""
    _steady(scene, _pool(scene, enableAutoScale=True, autoScaleFormula="$TargetDedicatedNodes=0"))


@before(SERVICE, "Pool_Get")
def pool_of_the_answer(scene: Scene) -> None:
    """A pool as the example shows it."""
    body = scene.made_by("Pool_Add") | {"id": scene.values["poolId"]}
    scene.speaker.do("POST", scene.at("/pools"), body)


@before(SERVICE, "Pool_RemoveNodes")
def pool_to_shrink(scene: Scene) -> None:
    """A pool with nodes, to be removed in the place of the example's."""
    _pool(scene, targetDedicatedNodes=2)
    scene.body["nodeList"] = _idle_nodes(scene, scene.values["poolId"], 2)


@before(SERVICE, "ComputeNode_List", "ComputeNode_Get", "ComputeNode_GetRemoteLoginSettings", "ComputeNode_AddUser")
@before(SERVICE, "Account_ListPoolNodeCounts")
@before(SERVICE, "ComputeNode_Reboot", "ComputeNode_Reimage", "ComputeNode_DisableScheduling")
@before(SERVICE, "File_ListFromComputeNode", "ComputeNode_GetRemoteDesktop", "ComputeNode_UploadBatchServiceLogs")
def node(scene: Scene) -> None:
    """An idle node, in the place of the example's."""
    name, nodes = _machines(scene)
    scene.values["poolId"] = name
    scene.values["nodeId"] = nodes[_OWN_NODE.get(scene.example.operation.name, 0)]


@before(SERVICE, "ComputeNodeExtension_List", "ComputeNodeExtension_Get")
def extended_node(scene: Scene) -> None:
    """A node with an extension that has told its state; it has no identity, so that this is a failure."""
    extension = {"name": "batchNodeExtension", "publisher": "Microsoft.Azure.KeyVault", "type": "KeyVaultForLinux"}
    extension |= {"typeHandlerVersion": "3.0", "autoUpgradeMinorVersion": True}
    extension["settings"] = {"secretsManagementSettings": {"observedCertificates": []}}
    name = scene.values["poolId"] = f"{scene.values['poolId']}-extended"
    _pool(scene, targetDedicatedNodes=1, virtualMachineConfiguration={**_LINUX, "extensions": [extension]})
    nodes = until(lambda: scene.speaker.do("GET", scene.at(f"/pools/{name}/nodes"))["value"], bool)
    scene.values["nodeId"] = nodes[0]["id"]
    path = scene.at(f"/pools/{name}/nodes/{nodes[0]['id']}/extensions/batchNodeExtension")
    until(lambda: scene.speaker.do("GET", path), lambda extension: "instanceView" in extension)


@before(SERVICE, "ComputeNode_EnableScheduling")
def node_at_rest(scene: Scene) -> None:
    """A node that takes no tasks."""
    node(scene)
    path = scene.at(f"/pools/{scene.values['poolId']}/nodes/{scene.values['nodeId']}")
    if scene.speaker.do("GET", path)["schedulingState"] == "enabled":
        scene.speaker.do("POST", path.replace("?", "/disablescheduling?"))


@before(SERVICE, "ComputeNode_DeleteUser", "ComputeNode_UpdateUser")
def user(scene: Scene) -> None:
    """A user of a node."""
    node(scene)
    name = scene.values["userName"] = f"user{scene.number}"
    path = f"/pools/{scene.values['poolId']}/nodes/{scene.values['nodeId']}/users"
    scene.speaker.do("POST", scene.at(path), {"name": name, "password": "Example-0-Password"})


@before(SERVICE, "Job_Add")
def unmade_job(scene: Scene) -> None:
    """A name that no other example gives its job, and a pool for it."""
    scene.body["id"] = f"{scene.body['id']}-{scene.number}"
    if "poolId" in scene.body["poolInfo"]:
        scene.body["poolInfo"]["poolId"] = _empty_pool(scene)


@before(SERVICE, "Job_Delete", "Job_Disable", "Job_Terminate", "Job_GetTaskCounts", "Task_Add", "Task_AddCollection")
def job(scene: Scene) -> str:
    """A job of a pool without nodes, whose tasks may end it; returns its path."""
    return _job(scene, _empty_pool(scene), onTaskFailure="performexitoptionsjobaction")


@before(SERVICE, "Job_Get", "Job_List")
def completed_job(scene: Scene) -> None:
    """A job that has been terminated."""
    path = job(scene)
    scene.speaker.do("POST", scene.at(f"{path}/terminate"))
    until(lambda: scene.speaker.do("GET", scene.at(path))["state"], lambda state: state == "completed")


@before(SERVICE, "Job_Patch", "Job_Update")
def disabled_job(scene: Scene) -> None:
    """A job whose pool may be changed, and the pool."""
    job(scene)
    _disable(scene)
    scene.body["poolInfo"]["poolId"] = _empty_pool(scene)


@before(SERVICE, "Job_Enable")
def job_at_rest(scene: Scene) -> None:
    """A job that is disabled."""
    job(scene)
    _disable(scene)


@before(SERVICE, "JobSchedule_Add")
def unmade_schedule(scene: Scene) -> None:
    """A name that no other example gives its schedule."""
    scene.body["id"] = f"{scene.body['id']}-{scene.number}"


@before(SERVICE, "JobSchedule_Delete", "JobSchedule_Disable", "JobSchedule_Exists", "JobSchedule_Patch")
@before(SERVICE, "JobSchedule_Terminate", "JobSchedule_Update")
def schedule(scene: Scene) -> str:
    """A job schedule with a job; returns its path."""
    name = scene.values.setdefault("jobScheduleId", f"listed-{scene.number}")
    body = {"id": name, "schedule": {"recurrenceInterval": "PT1H"}}
    specification = {"poolInfo": {"poolId": _empty_pool(scene)}}
    scene.speaker.do("POST", scene.at("/jobschedules"), body | {"jobSpecification": specification})
    path = f"/jobschedules/{name}"
    until(lambda: scene.speaker.do("GET", scene.at(f"{path}/jobs"))["value"], bool)
    return path


@before(SERVICE, "Job_ListFromJobSchedule")
def changed_job_of_a_schedule(scene: Scene) -> None:
    """A job schedule whose job is not in its first state any more."""
    scene.speaker.do("POST", scene.at(f"{schedule(scene)}/terminate"))
    path = scene.at(f"/jobs/{scene.values['jobScheduleId']}:job-1")
    until(lambda: scene.speaker.do("GET", path)["state"], lambda state: state == "completed")


@before(SERVICE, "JobSchedule_Enable")
def schedule_at_rest(scene: Scene) -> None:
    """A job schedule that is disabled."""
    scene.speaker.do("POST", scene.at(f"{schedule(scene)}/disable"))


@before(SERVICE, "JobSchedule_Get", "JobSchedule_List")
def completed_schedule(scene: Scene) -> None:
    """A job schedule that has been terminated."""
    path = schedule(scene)
    scene.speaker.do("POST", scene.at(f"{path}/terminate"))
    until(lambda: scene.speaker.do("GET", scene.at(path))["state"], lambda state: state == "completed")


@before(SERVICE, "Task_List", "Task_Delete", "Task_Get", "Task_Update", "Task_ListSubtasks", "Task_Terminate")
def task(scene: Scene) -> None:
    """A task that waits for a node."""
    body = {"id": scene.values.get("taskId", "taskId"), "commandLine": "/bin/true"}
    scene.speaker.do("POST", scene.at(f"{job(scene)}/tasks"), body)


@before(SERVICE, "Task_Reactivate")
def failed_task(scene: Scene) -> None:
    """A task that has failed."""
    _done(scene, _job(scene, _machines(scene)[0]), "/bin/sh -c 'exit 3'")


@before(SERVICE, "File_ListFromTask", "File_GetFromTask", "File_GetPropertiesFromTask", "File_DeleteFromTask")
def task_file(scene: Scene) -> None:
    """A file that a task has written; the example's path is that of a Windows node."""
    _done(scene, _job(scene, _machines(scene)[0]), _WRITES)
    scene.values["filePath"] = "wd/testFile.txt"


@before(SERVICE, "File_GetFromComputeNode", "File_GetPropertiesFromComputeNode", "File_DeleteFromComputeNode")
def node_file(scene: Scene) -> None:
    """The same file, as the node has it."""
    scene.values["jobId"] = f"jobId-{scene.number}"
    found = _done(scene, _job(scene, _machines(scene)[0]), _WRITES)["nodeInfo"]
    scene.values.update(poolId=found["poolId"], nodeId=found["nodeId"])
    scene.values["filePath"] = f"{found['taskRootDirectory']}/wd/testFile.txt"


@before(SERVICE, "Job_ListPreparationAndReleaseTaskStatus")
def ended_job(scene: Scene) -> None:
    """A job that has been prepared and released on a node."""
    special = {"commandLine": "/bin/true", "waitForSuccess": True}
    release = {"commandLine": "/bin/true"}
    path = _job(scene, _machines(scene)[0], jobPreparationTask=special, jobReleaseTask=release)
    _done(scene, path, "/bin/true")
    scene.speaker.do("POST", scene.at(f"{path}/terminate"))
    until(lambda: scene.speaker.do("GET", scene.at(path))["state"], lambda state: state == "completed")


def _pool(scene: Scene, **properties: Any) -> str:
    name = scene.values.get("poolId", f"listed-{scene.number}")
    body = {"id": name, "vmSize": "standard_d2s_v3", "virtualMachineConfiguration": _LINUX, **properties}
    scene.speaker.do("POST", scene.at("/pools"), body)
    return f"/pools/{name}"


def _steady(scene: Scene, path: str) -> None:
    """Every new pool is resized, be it to nothing; until then it takes no other scale."""
    until(lambda: scene.speaker.do("GET", scene.at(path))["allocationState"], lambda state: state == "steady")


def _empty_pool(scene: Scene) -> str:
    name = "examples-empty"
    if name not in scene.speaker.kept:
        scene.speaker.kept[name] = True
        body = {"id": name, "vmSize": "standard_d2s_v3", "virtualMachineConfiguration": _LINUX}
        scene.speaker.do("POST", scene.at("/pools"), body | {"taskSlotsPerNode": 4})
    return name


def _machines(scene: Scene) -> tuple[str, list[str]]:
    """The pool that all share, and its nodes."""
    name = "examples-machines"
    if name not in scene.speaker.kept:
        nat = {"name": "ssh", "protocol": "tcp", "backendPort": 22}
        endpoints = {"inboundNATPools": [{**nat, "frontendPortRangeStart": 15000, "frontendPortRangeEnd": 15100}]}
        body = {
            "id": name,
            "vmSize": "standard_d2s_v3",
            "virtualMachineConfiguration": _LINUX,
            "networkConfiguration": {"endpointConfiguration": endpoints},
            "startTask": {"commandLine": "/bin/true", "maxTaskRetryCount": 0, "waitForSuccess": True},
            "targetDedicatedNodes": 4,
        }
        scene.speaker.do("POST", scene.at("/pools"), body)
        scene.speaker.kept[name] = _idle_nodes(scene, name, 4)
    return name, scene.speaker.kept[name]


def _idle_nodes(scene: Scene, pool_name: str, count: int) -> list[str]:
    nodes = until(
        lambda: scene.speaker.do("GET", scene.at(f"/pools/{pool_name}/nodes"))["value"],
        lambda nodes: [node["state"] for node in nodes] == ["idle"] * count,
    )
    return [node["id"] for node in nodes]


def _job(scene: Scene, pool_name: str, **properties: Any) -> str:
    name = scene.values.setdefault("jobId", f"listed-{scene.number}")
    scene.speaker.do("POST", scene.at("/jobs"), {"id": name, "poolInfo": {"poolId": pool_name}, **properties})
    return f"/jobs/{name}"


def _disable(scene: Scene) -> None:
    path = f"/jobs/{scene.values['jobId']}"
    scene.speaker.do("POST", scene.at(f"{path}/disable"), {"disableTasks": "requeue"})
    until(lambda: scene.speaker.do("GET", scene.at(path))["state"], lambda state: state == "disabled")


def _done(scene: Scene, job_path: str, command: str) -> Any:
    """The task of the example's name, once it has ended."""
    name = scene.values.setdefault("taskId", "task1")
    scene.speaker.do("POST", scene.at(f"{job_path}/tasks"), {"id": name, "commandLine": command})
    path = scene.at(f"{job_path}/tasks/{name}")
    return until(lambda: scene.speaker.do("GET", path), lambda task: task["state"] == "completed")
