"""What a region has of its own: everything its deployments are filled in from."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from batchcert.spec.certificate import CertificateSpec
from batchcert.spec.drill import TIMEZONE_PATTERN, DrillSpec
from batchcert.spec.identity import IdentitySpec
from batchcert.spec.pool import PoolSpec
from batchcert.spec.repair import RepairSpec
from batchcert.spec.target import Spec, Target
from batchcert.spec.vault import VaultSpec
from batchcert.spec.visit import ValidationSpec

NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
Hour = Annotated[int, Field(ge=0, le=23)]


class ScheduleSpec(Spec):
    """When a region's nodes are validated: at one minute of each hour, or of the hours named."""

    minute: int = Field(
        title="Minute",
        description="The minute of the hour. A minute of its own for each region spreads the load.",
        ge=0,
        le=59,
    )
    hours: list[Hour] = Field(
        default_factory=list,
        title="Hours",
        description="Hours of the day, 0 to 23, in the region's time zone. Empty: every hour.",
    )
    timezone: str = Field(
        title="Time zone",
        description="The time zone by its IANA name: America/Los_Angeles.",
        pattern=TIMEZONE_PATTERN,
    )

    @property
    def cron(self) -> str:
        """The schedule as a cron expression of five fields."""
        hours = ",".join(str(hour) for hour in sorted(set(self.hours))) or "*"
        return f"{self.minute} {hours} * * *"


class RegionSpec(Spec):
    """One region: where it is, its pool and certificates, and when they are validated."""

    target: Target = Field(title="Target", description="Cloud, subscription, resource group, region, Batch account.")
    identity: IdentitySpec = Field(
        default_factory=IdentitySpec, title="Identity", description="The identity of the pool's nodes."
    )
    vault: VaultSpec = Field(title="Vault", description="The Key Vault that holds the certificates.")
    certificates: list[CertificateSpec] = Field(
        title="Certificates", description="The certificates that every node of the pool has.", min_length=1
    )
    pool: PoolSpec = Field(title="Pool", description="The pool's size, image, extension and network.")
    validation: ValidationSpec = Field(
        default_factory=ValidationSpec, title="Validation", description="How nodes are visited and judged."
    )
    repair: RepairSpec = Field(
        default_factory=RepairSpec, title="Repair", description="Whether stale nodes are rebooted and reimaged."
    )
    drill: DrillSpec = Field(
        default_factory=DrillSpec, title="Drill", description="How a rotation drill is run, and when it may be."
    )
    schedule: ScheduleSpec = Field(title="Schedule", description="When the nodes are validated.")

    @model_validator(mode="after")
    def _each_certificate_once(self) -> Self:
        names = [certificate.name.lower() for certificate in self.certificates]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"certificates: {', '.join(twice)} is named more than once")
        return self
