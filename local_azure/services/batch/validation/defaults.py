"""What Azure fills in where a pool's description is silent.

Source: the defaults named in the Batch management API description (Pool), and the answers measured in its examples.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.protocol.spelling import canonical, member

WRITABLE = frozenset(
    {
        "applicationLicenses",
        "applicationPackages",
        "deploymentConfiguration",
        "displayName",
        "interNodeCommunication",
        "metadata",
        "mountConfiguration",
        "networkConfiguration",
        "resourceTags",
        "scaleSettings",
        "startTask",
        "targetNodeCommunicationMode",
        "taskSchedulingPolicy",
        "taskSlotsPerNode",
        "upgradePolicy",
        "userAccounts",
        "vmSize",
    }
)


KEPT_ALONE = "containers, mounts, disks, application packages and upgrade policies are kept, not acted on"
TARGETS = frozenset({"targetDedicatedNodes", "targetLowPriorityNodes"})


def completed(given: dict[str, Any]) -> dict[str, Any]:
    """The writable properties of *given* in Azure's spelling, with every default filled in."""
    properties: dict[str, Any] = {
        "interNodeCommunication": "Disabled",
        "taskSlotsPerNode": 1,
        "taskSchedulingPolicy": {"nodeFillType": "Spread"},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 0, "targetLowPriorityNodes": 0}},
        **{name: value for name, value in canonical(given).items() if name in WRITABLE},
    }
    if isinstance(properties.get("vmSize"), str):
        properties["vmSize"] = properties["vmSize"].upper()
    _complete_scale(properties.get("scaleSettings"))
    _complete_image(member(properties, "deploymentConfiguration", "virtualMachineConfiguration", "imageReference"))
    _complete_rules(member(properties, "networkConfiguration", "endpointConfiguration", "inboundNatPools"))
    if properties.get("startTask") == {}:
        del properties["startTask"]  # an empty object takes the start task away
    _complete_start_task(properties.get("startTask"))
    return properties


def _complete_scale(scale: Any) -> None:
    """What is left out of the scale; a target that is written as text, as the az CLI does, counts as the number."""
    fixed, automatic = member(scale, "fixedScale"), member(scale, "autoScale")
    if isinstance(fixed, dict):
        for target in TARGETS & set(fixed):
            if isinstance(fixed[target], str) and fixed[target].isdecimal():
                fixed[target] = int(fixed[target])
        if TARGETS & set(fixed):  # at least one must be given; validation says so
            for target in TARGETS:
                fixed.setdefault(target, 0)
        fixed.setdefault("resizeTimeout", "PT15M")
    if isinstance(automatic, dict):
        automatic.setdefault("evaluationInterval", "PT15M")


def _complete_image(image: Any) -> None:
    if isinstance(image, dict) and "id" not in image:
        image.setdefault("version", "latest")


def _complete_rules(nat_pools: Any) -> None:
    for nat_pool in nat_pools if isinstance(nat_pools, list) else ():
        rules = nat_pool.get("networkSecurityGroupRules") if isinstance(nat_pool, dict) else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, dict):
                rule.setdefault("sourcePortRanges", ["*"])


def _complete_start_task(task: Any) -> None:
    if isinstance(task, dict):
        task.setdefault("userIdentity", {"autoUser": {"scope": "Pool", "elevationLevel": "NonAdmin"}})
        task.setdefault("maxTaskRetryCount", 0)
        task.setdefault("waitForSuccess", True)
