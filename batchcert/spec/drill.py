"""How a rotation drill is run, and when it may be."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from batchcert.spec.target import Spec

TIMEZONE_PATTERN = r"^[A-Za-z][-+_A-Za-z0-9]*(/[A-Za-z0-9][-+_A-Za-z0-9]*)*$"


class Weekday(StrEnum):
    """The days of the week, in their order."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


class WindowSpec(Spec):
    """The days and hours at which a drill may start. As it comes, always."""

    days: list[Weekday] = Field(
        default_factory=list,
        title="Days",
        description="The days on which a drill may start. Empty: every day.",
    )
    from_hour: int = Field(
        default=0,
        title="From hour",
        description="The hour of the day from which on it may start.",
        ge=0,
        le=23,
    )
    to_hour: int = Field(
        default=24,
        title="To hour",
        description="The hour of the day until which it may start. At or before the first: on the next day.",
        ge=1,
        le=24,
    )
    timezone: str = Field(
        default="Etc/UTC",
        title="Time zone of the window",
        description="The time zone of these hours by its IANA name: America/Los_Angeles.",
        pattern=TIMEZONE_PATTERN,
    )

    def __str__(self) -> str:
        """As a person says it."""
        days = ", ".join(self.days) if self.days else "every day"
        return f"{days} from {self.from_hour}:00 to {self.to_hour}:00 {self.timezone}"


class DrillSpec(Spec):
    """A rotation drill: what is issued, how long nodes get, and what must hold before it starts."""

    certificates: list[str] = Field(
        default_factory=list,
        title="Certificates of the drill",
        description="Names of the certificates that get a new version. Empty: all that the pool observes.",
    )
    limit_minutes: int = Field(
        default=0,
        title="Limit in minutes",
        description="How long the nodes get to fetch it. 0: the extension's polling interval and the grace below.",
        ge=0,
        le=10080,
    )
    look_seconds: int = Field(
        default=15,
        title="Seconds between looks",
        description="How often nodes without it are visited; so exact are the times that are measured.",
        ge=1,
        le=3600,
    )
    validated_within_minutes: int = Field(
        default=120,
        title="Validated within minutes",
        description="How old the pool's last validation may be. One that found anything but current refuses the drill.",
        ge=1,
        le=43200,
    )
    window: WindowSpec = Field(default_factory=WindowSpec, title="Window")

    @model_validator(mode="after")
    def _each_certificate_once(self) -> Self:
        names = [name.lower() for name in self.certificates]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"certificates: {', '.join(twice)} is named more than once")
        return self
