"""A pool as a data plane client describes it, in the management plane's words.

Source: BatchPoolCreateOptions and BatchPoolUpdateOptions of the Batch service API 2025-06-01 (azure-batch 15.1).
"""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.protocol.spelling import to_management

_SCALE = ("targetDedicatedNodes", "targetLowPriorityNodes", "resizeTimeout")
_REPLACED = {  # PoolUpdatePropertiesParameter of 2024-02-01.19.0: what each is where it is left out
    "applicationPackageReferences": [],
    "metadata": [],
    "startTask": {},
    "targetNodeCommunicationMode": "Default",
}


def new_properties_of(body: dict[str, Any]) -> dict[str, Any]:
    """The properties of a pool that *body* asks for, its scale included."""
    fixed = {name: body[name] for name in _SCALE if body.get(name) is not None}
    if body.get("enableAutoScale"):
        automatic = {
            "formula": body.get("autoScaleFormula"),
            "evaluationInterval": body.get("autoScaleEvaluationInterval"),
        }
        return {**properties_of(body), "scaleSettings": {"autoScale": automatic}}
    return {**properties_of(body), **({"scaleSettings": {"fixedScale": fixed}} if fixed else {})}


def replacing_properties_of(body: dict[str, Any]) -> dict[str, Any]:
    """The properties as a request leaves them that replaces all it may change: what it leaves out is taken away."""
    return properties_of({**_REPLACED, **{name: value for name, value in body.items() if value is not None}})


def properties_of(body: dict[str, Any]) -> dict[str, Any]:
    """The properties that *body* describes but for the scale, which a change leaves alone; what is left out stays."""
    given = {name: value for name, value in body.items() if value is not None}
    described: dict[str, Any] = {}
    if "virtualMachineConfiguration" in given:
        machine = to_management(given.pop("virtualMachineConfiguration"), "virtualMachineConfiguration")
        described["deploymentConfiguration"] = {"virtualMachineConfiguration": machine}
    if "enableInterNodeCommunication" in given:
        enabled = given.pop("enableInterNodeCommunication")
        described["interNodeCommunication"] = "Enabled" if enabled else "Disabled"
    if "applicationPackageReferences" in given:
        described["applicationPackages"] = given.pop("applicationPackageReferences")
    spelled: dict[str, Any] = to_management(given)
    return {**spelled, **described}
