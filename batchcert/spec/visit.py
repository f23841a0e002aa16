"""How nodes are visited, and how long a certificate may lag behind Key Vault."""

from __future__ import annotations

from pydantic import Field

from batchcert.spec.target import Spec


class VisitSpec(Spec):
    """Limits of the SSH visits. Seconds throughout."""

    connect_timeout: float = Field(default=10, title="Connect timeout", description="Seconds.", gt=0, le=300)
    banner_timeout: float = Field(default=15, title="Banner timeout", description="Seconds.", gt=0, le=300)
    auth_timeout: float = Field(default=15, title="Authentication timeout", description="Seconds.", gt=0, le=300)
    command_timeout: float = Field(default=60, title="Command timeout", description="Seconds.", gt=0, le=3600)
    in_flight: int = Field(
        default=32,
        title="Nodes at a time",
        description="How many nodes are visited side by side.",
        ge=1,
        le=512,
    )
    start_up_attempts: int = Field(
        default=4,
        title="Attempts",
        description="Tries to reach a node whose SSH is not up yet.",
        ge=1,
        le=20,
    )
    retry_seconds: float = Field(default=5, title="Pause between attempts", description="Seconds.", ge=0, le=300)


class ValidationSpec(Spec):
    """What counts as current in time."""

    grace_minutes: int = Field(
        default=10,
        title="Grace",
        description="Minutes, beyond the extension's polling interval, in which a node may lag behind a new version.",
        ge=0,
        le=10080,
    )
    visit: VisitSpec = Field(default_factory=VisitSpec, title="Visits")
