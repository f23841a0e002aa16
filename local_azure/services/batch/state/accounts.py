"""Batch accounts, with all that belongs to each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local_azure.services.batch.state.jobs import Job
from local_azure.services.batch.state.pools import Pool
from local_azure.services.batch.state.schedules import JobSchedule


@dataclass
class Quotas:
    """What an account may have at most. Source: "Batch service quotas and limits" (what a support request can raise).

    Attributes:
        dedicated_cores, low_priority_cores: cores of all its nodes of a kind.
        jobs: active jobs and job schedules.
    """

    dedicated_cores: int = 10_000
    low_priority_cores: int = 10_000
    pools: int = 100
    jobs: int = 300


@dataclass
class Account:
    """A Batch account. *settings* are the writable properties it was created or updated with."""

    name: str
    group: str
    location: str
    primary_key: str = field(repr=False)
    secondary_key: str = field(repr=False)
    tags: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=lambda: {"type": "None"})
    provisioning_state: str = "Succeeded"
    quotas: Quotas = field(default_factory=Quotas)
    pools: dict[str, Pool] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    schedules: dict[str, JobSchedule] = field(default_factory=dict)

    @property
    def active_work(self) -> int:
        """How many jobs and job schedules have not ended."""
        jobs = sum(job.state not in {"completed", "deleting"} for job in self.jobs.values())
        return jobs + sum(not schedule.ending for schedule in self.schedules.values())


@dataclass
class BatchState:
    """The accounts, by lower-cased name, which is unique in a region."""

    accounts: dict[str, Account] = field(default_factory=dict)
