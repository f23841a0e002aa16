"""Batch's view of a node's extension as the report of a visit: its status, and nothing of what is in its stores.

Source: Batch service API 2025-06-01, Nodes - List Node Extensions: NodeVMExtension, VMExtensionInstanceView and
InstanceViewStatus. `code` is "ProvisioningState/" and a word; `level` is Error, Info or Warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from batchcert.visit.report import Handler, NodeReport, Status
from batchcert.visit.text import one_line

PUBLISHER, TYPE = "microsoft.azure.keyvault", "keyvaultforlinux"
_WORST_FIRST = ("error", "warning", "transitioning", "success")


@dataclass(frozen=True)
class ViewStatus:
    """One status of an extension, in the words of the view."""

    code: str = ""
    level: str = ""
    message: str = ""

    @property
    def state(self) -> str:
        """The state in the words of a status file; what is not known counts as an error, as for the guest agent."""
        word, level = self.code.lower().rpartition("/")[2], self.level.lower()
        if level == "error" or word.startswith("failed"):
            return "error"
        if level == "warning":
            return "warning"
        return {"succeeded": "success", "transitioning": "transitioning"}.get(word, "error")


@dataclass(frozen=True)
class ExtensionView:
    """An extension of a node. *version* is its `typeHandlerVersion`, *provisioning* its provisioning state."""

    publisher: str
    type: str
    version: str
    provisioning: str
    statuses: tuple[ViewStatus, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it is KeyVaultForLinux."""
        return (self.publisher.lower(), self.type.lower()) == (PUBLISHER, TYPE)


def report_of(views: Iterable[ExtensionView], *, seen_at: datetime, since: datetime | None) -> NodeReport:
    """What the view tells of a node: its KeyVaultForLinux handlers, and no store.

    *seen_at*: the service's time, since the view brings none of the node's. *since*: when the node was booted, or None:
    an extension starts then, so that is how long one that is still `transitioning` has been so.
    """
    stamp = since.astimezone(UTC).isoformat() if since else ""
    handlers = tuple(Handler(view.version, "Enabled", 0, _status(view, stamp)) for view in views if view.ours)
    return NodeReport(node_time=seen_at, handlers=handlers, stores=())


def _status(view: ExtensionView, stamp: str) -> Status:
    """The worst of its statuses; where it has none, its provisioning state."""
    statuses: Sequence[ViewStatus] = view.statuses or (_provisioning(view),)
    worst = min(statuses, key=lambda status: _WORST_FIRST.index(status.state))
    return Status(worst.state, operation="", message=one_line(worst.message), timestamp=stamp)


def _provisioning(view: ExtensionView) -> ViewStatus:
    state = view.provisioning.lower()
    word = state if state in {"succeeded", "failed"} else "transitioning"
    return ViewStatus(f"ProvisioningState/{word}", "", f"provisioning state {view.provisioning or 'not told'}")
