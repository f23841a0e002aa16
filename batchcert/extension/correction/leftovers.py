"""What a body has that the parameters of `provision` have no place for: each is named, so that nothing goes unseen."""

from __future__ import annotations

from collections.abc import Iterator

from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.correction.services import OURS
from batchcert.extension.pool_body import Field, PoolBody
from batchcert.extension.traps.network import ssh_pools

_CARRIED_OVER = {  # properties that the parameters stand for, wholly or in the parts told below
    *("vmsize", "scalesettings", "taskschedulingpolicy", "deploymentconfiguration", "networkconfiguration"),
    *("virtualmachineconfiguration", "targetdedicatednodes", "targetlowprioritynodes", "resizetimeout"),
    *("id", "name", "type", "apiversion", "etag", "identity"),
}
_SAID_BY_AZURE = {  # a body read back from Azure has them; no request can set them
    *("lastmodified", "creationtime", "provisioningstate", "provisioningstatetransitiontime", "allocationstate"),
    *("allocationstatetransitiontime", "currentdedicatednodes", "currentlowprioritynodes", "autoscalerun"),
    *("resizeoperationstatus", "currentnodecommunicationmode"),
}
_DEFAULTS = {"taskslotspernode": 1, "internodecommunication": "Disabled"}
_REASONS = {
    "starttask": "provision brings its own, which prints the SSH host keys",
    "certificates": "Batch's own certificates are retired",
    "targetnodecommunicationmode": "Batch's default, simplified, is used",
}
_NO_PLACE = "provision has no parameter for it"


def leftovers(body: PoolBody, remarks: Remarks) -> None:
    """Remark on everything in *body* that the parameters leave out."""
    for name, field in body.properties.members.items():
        key = name.lower()
        if key == "metadata" and all(item["name"].text in OURS for item in field.elements):
            continue
        if field.present and key not in _CARRIED_OVER | _SAID_BY_AZURE and field.value != _DEFAULTS.get(key):
            remarks.leave_out(field.path, _REASONS.get(key, _NO_PLACE))
    for field in _inner(body):
        remarks.leave_out(field.path, _NO_PLACE)


def _inner(body: PoolBody) -> Iterator[Field]:
    yield from _beyond(body.machine, {"imagereference", "nodeagentskuid", "extensions"})
    yield from (extension.field for extension in body.extensions if extension not in body.observing)
    yield from _beyond(body.properties["networkConfiguration"], {"subnetid", "endpointconfiguration"})
    kept = ssh_pools(body)[:1]
    yield from (nat for nat in body.nat_pools if nat not in kept)


def _beyond(field: Field, known: set[str]) -> Iterator[Field]:
    return (inner for name, inner in field.members.items() if inner.present and name.lower() not in known)
