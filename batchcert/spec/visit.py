"""How nodes are visited, and how long a certificate may lag behind Key Vault."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from batchcert.spec.service import ServiceSpec
from batchcert.spec.target import Spec


class Channel(StrEnum):
    """A way in which nodes are looked at; auto stands for the best that the pool allows."""

    AUTO = "auto"
    SSH = "ssh"
    EXTENSION = "extension"
    TASK = "task"


class CrossCheck(StrEnum):
    """A second way, to see whether both say the same."""

    NONE = "none"
    SSH = "ssh"
    EXTENSION = "extension"
    TASK = "task"

    @property
    def channel(self) -> Channel | None:
        """The channel that it stands for."""
        return None if self is CrossCheck.NONE else Channel(self.value)


class VisitSpec(Spec):
    """How nodes are looked at, and how long and how often each is tried. The defaults suit most networks."""

    channel: Channel = Field(
        default=Channel.SSH,
        title="Channel",
        description=(
            "ssh: through the pool's NAT ports. task: by a task of Batch on each node, as administrator; needs no "
            "port, and a free task slot. extension: by Batch's view of the extension alone; proves no certificate. "
            "auto: ssh where the pool allows it, else task; extension only where this run may make no tasks."
        ),
    )
    cross_check: CrossCheck = Field(
        default=CrossCheck.NONE,
        title="Cross-check",
        description=(
            "A second channel that looks, too. Where the two disagree in a way that time does not explain, the "
            "certificate is failed."
        ),
    )
    slot_timeout: float = Field(
        default=300,
        title="Seconds to begin",
        description="How long a node may take to have a free task slot, where nodes are looked at by tasks.",
        gt=0,
        le=3600,
    )
    in_flight: int = Field(
        default=32,
        title="Nodes at a time",
        description="How many nodes are visited side by side.",
        ge=1,
        le=512,
    )
    connect_timeout: float = Field(
        default=10,
        title="Seconds to connect",
        description="How long a node may take to accept a connection.",
        gt=0,
        le=300,
    )
    banner_timeout: float = Field(
        default=15,
        title="Seconds to greet",
        description="How long its SSH server may take to name itself after that.",
        gt=0,
        le=300,
    )
    auth_timeout: float = Field(
        default=15,
        title="Seconds to log in",
        description="How long it may take to accept the run's own key.",
        gt=0,
        le=300,
    )
    command_timeout: float = Field(
        default=60,
        title="Seconds to answer",
        description="How long it may take to read its certificates and to send them.",
        gt=0,
        le=3600,
    )
    start_up_attempts: int = Field(
        default=4,
        title="Attempts",
        description="How often a node is tried whose SSH server is not up yet.",
        ge=1,
        le=20,
    )
    retry_seconds: float = Field(
        default=5,
        title="Seconds between attempts",
        description="How long to wait before the next one.",
        ge=0,
        le=300,
    )

    @model_validator(mode="after")
    def _two_channels_are_two(self) -> Self:
        if self.cross_check.channel is self.channel:
            raise ValueError(f"cross_check: {self.cross_check} is the channel itself; name another, or none")
        return self


class ValidationSpec(Spec):
    """What counts as current in time."""

    grace_minutes: int = Field(
        default=10,
        title="Grace in minutes",
        description="For so long, beyond the extension's polling interval, a node may lag behind a new version.",
        ge=0,
        le=10080,
    )
    services: list[ServiceSpec] = Field(
        default_factory=list,
        title="Services",
        description="What uses certificates on the nodes of a pool that batchcert did not provision; a pool that it "
        "provisioned knows by itself.",
    )
    visit: VisitSpec = Field(default_factory=VisitSpec, title="Visits")
