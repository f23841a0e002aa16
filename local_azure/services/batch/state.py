"""What the Batch service remembers: accounts, their pools, the pools' nodes and the nodes' users.

Everything here is saved and read back; machines, which run, are not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_azure.services.batch.jobs.state import Job
from local_azure.services.batch.times import etag_of, later


@dataclass
class User:
    """A user of one node. *expires* is UTC; *public_key* an OpenSSH line; either credential may be ""."""

    name: str
    admin: bool
    expires: datetime
    public_key: str = ""
    password: str = field(default="", repr=False)


@dataclass
class StartTaskRun:
    """How a node's start task went.

    Attributes:
        state: running (retries included) or completed.
        epoch: the node's, when it began: after a reboot it begins anew.
        first: when the first attempt began; *started*: the newest.
        exit_code: None until an attempt has ended.
    """

    state: str
    started: datetime
    first: datetime
    epoch: int = 0
    ended: datetime | None = None
    exit_code: int | None = None
    retries: int = 0
    last_retry: datetime | None = None


@dataclass
class NodeError:
    """What Batch tells of a node's trouble."""

    code: str
    message: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass
class Node:
    """A virtual machine of a pool.

    Attributes:
        index: counts up within the pool; gives the private address.
        state: one of Batch's 16 node states, lower-cased as the data plane spells them.
        epoch: raised when something new begins, so that events of what went before no longer count.
        booted: whether its machine has been started, so that files and extensions can be asked for.
        disk_since: since when it has its disk: from the first boot or the newest reimage on.
        running: the task slots that each task on it takes, by "job/task" in lower case.
        recent: the "job/task" of those that ran on it last, the newest first.
        awaiting: what it is to do once its tasks are done (leave, reboot, reimage, deallocate), or "".
        awaits_data: whether the folders of its tasks must be gone, too, before that.
    """

    id: str
    index: int
    dedicated: bool
    state: str
    state_since: datetime
    allocated: datetime
    epoch: int = 0
    booted: bool = False
    last_boot: datetime | None = None
    scheduling: str = "enabled"
    users: dict[str, User] = field(default_factory=dict)
    errors: list[NodeError] = field(default_factory=list)
    start_task: StartTaskRun | None = None
    disk_since: datetime | None = None
    running: dict[str, int] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)
    awaiting: str = ""
    awaits_data: bool = False
    tasks_run: int = 0
    tasks_succeeded: int = 0


@dataclass
class ResizeFailure:
    """Why a resize did not reach its target."""

    code: str
    message: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass
class Resize:
    """The current or last resize. *timeout* is an ISO 8601 duration as it was given."""

    started: datetime
    dedicated: int
    low_priority: int
    timeout: str
    option: str
    failures: list[ResizeFailure] = field(default_factory=list)


@dataclass
class AutoScaleRun:
    """The newest evaluation of a pool's formula. *results* are `$variable=value`, joined by semicolons."""

    at: datetime
    results: str
    error_code: str = ""
    error_message: str = ""
    error_detail: str = ""


@dataclass
class Pool:
    """A pool as it was last written, and where its nodes are.

    Attributes:
        properties: the writable properties with their defaults, in the management plane's spelling, secrets included.
        identities: ARM ids of the user-assigned identities, as given.
        vm_identities: those that the pool's virtual machines bear; identities given later reach only a pool that has
            been empty in between.
        counts: nodes by state; kept by `add`, `move` and `remove`.
        auto_scale_since: when its formula, or how often it is evaluated, was set last.
        auto_scale_epoch: raised whenever another schedule of evaluations begins or ends.
    """

    name: str
    properties: dict[str, Any]
    created: datetime
    modified: datetime
    provisioning_state: str = "Succeeded"
    provisioning_since: datetime | None = None
    allocation_state: str = "Steady"
    allocation_since: datetime | None = None
    identities: list[str] = field(default_factory=list)
    vm_identities: list[str] = field(default_factory=list)
    resize: Resize | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    next_index: int = 0
    epoch: int = 0
    auto_scale_run: AutoScaleRun | None = None
    auto_scale_since: datetime | None = None
    auto_scale_epoch: int = 0

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return etag_of(self.modified)

    @property
    def deleting(self) -> bool:
        """Whether the pool is on its way out."""
        return self.provisioning_state == "Deleting"

    def add(self, node: Node) -> None:
        """Take *node* in."""
        self.nodes[node.id] = node
        self._count(node.state, 1)

    def move(self, node: Node, state: str, at: datetime) -> None:
        """Bring *node* into *state*."""
        self._count(node.state, -1)
        self._count(state, 1)
        node.state, node.state_since = state, at

    def remove(self, node: Node) -> None:
        """Let *node* go."""
        del self.nodes[node.id]
        self._count(node.state, -1)

    def in_states(self, *states: str) -> int:
        """How many nodes are in one of *states*."""
        return sum(self.counts.get(state, 0) for state in states)

    def touch(self, now: datetime) -> None:
        """Note a change at *now*."""
        self.modified = later(self.modified, now)

    def _count(self, state: str, by: int) -> None:
        self.counts[state] = self.counts.get(state, 0) + by


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


@dataclass
class BatchState:
    """The accounts, by lower-cased name, which is unique in a region."""

    accounts: dict[str, Account] = field(default_factory=dict)
