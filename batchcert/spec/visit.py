"""How nodes are visited, and how long a certificate may lag behind Key Vault."""

from __future__ import annotations

from pydantic import Field

from batchcert.spec.target import Spec


class VisitSpec(Spec):
    """How long and how often a node is tried over SSH. The defaults suit most networks."""

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


class ValidationSpec(Spec):
    """What counts as current in time."""

    grace_minutes: int = Field(
        default=10,
        title="Grace in minutes",
        description="For so long, beyond the extension's polling interval, a node may lag behind a new version.",
        ge=0,
        le=10080,
    )
    visit: VisitSpec = Field(default_factory=VisitSpec, title="Visits")
