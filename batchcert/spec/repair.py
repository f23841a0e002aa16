"""Whether nodes that stay behind are given a new start, and how far that may go."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from batchcert.spec.target import Spec


class RepairChoice(StrEnum):
    """What is done about a node that is stale past its grace; each does what those before it do."""

    OFF = "off"
    REBOOT = "reboot"
    REIMAGE = "reimage"


class BusyChoice(StrEnum):
    """What becomes of a stale node on which tasks run."""

    LEAVE = "leave"
    DRAIN = "drain"


class RepairSpec(Spec):
    """Stale nodes are given a new start, if you want it. No choice here ever ends a task that runs."""

    stale_nodes: RepairChoice = Field(
        default=RepairChoice.OFF,
        title="Stale nodes",
        description=(
            "off: they are told, and left as they are. reboot: a node that is stale past its grace is rebooted. "
            "reimage: it is rebooted and, if that does not help, reimaged: its disk is made anew. One node at a time, "
            "and none where more than half are stale: then it is the vault or the identity."
        ),
    )
    busy_nodes: BusyChoice = Field(
        default=BusyChoice.LEAVE,
        title="Stale nodes with running tasks",
        description=(
            "leave: they are left to a later run. drain: Batch gives them no more tasks, and starts them anew once "
            "those that run have ended."
        ),
    )
    most_down: int = Field(
        default=1,
        title="Most nodes down",
        description="A node is taken down only if no more than so many of the pool are then down, whatever took them.",
        ge=1,
        le=1000,
    )
    most_nodes: int = Field(
        default=3,
        title="Most nodes in a run",
        description="So many nodes a run gives a new start at most, one after the other.",
        ge=1,
        le=1000,
    )
    up_minutes: float = Field(
        default=30,
        title="Minutes to come up",
        description="How long a node may take to be up again, the tasks included that it is to end before.",
        gt=0,
        le=10080,
    )
    current_minutes: float = Field(
        default=10,
        title="Minutes to be current",
        description="How long it may take, once up, to have the certificate: an extension that starts looks at once.",
        gt=0,
        le=1440,
    )
    remove_expired: bool = Field(
        default=False,
        title="Remove expired files",
        description=(
            "On: files of versions that have expired are removed from the nodes' stores. Only files that the extension "
            "wrote for the certificate, and to which no link leads; it keeps them for ever by itself."
        ),
    )

    @property
    def wanted(self) -> bool:
        """Whether anything is to be done about stale nodes."""
        return self.stale_nodes is not RepairChoice.OFF
