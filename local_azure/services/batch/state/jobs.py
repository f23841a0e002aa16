"""Jobs and their tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_azure.services.batch.protocol.times import etag_of, later

ACTIVE, PREPARING, RUNNING, COMPLETED = "active", "preparing", "running", "completed"  # the states of a task


@dataclass
class Failure:
    """Why a task failed. *category* is usererror or servererror."""

    code: str
    message: str
    category: str = "usererror"
    details: dict[str, str] = field(default_factory=dict)


@dataclass
class Execution:
    """The newest run of a task and what came before it.

    Attributes:
        exit_code: None until a run has ended, and for one that could not be started.
        retries: runs after the first that a nonzero exit code has brought.
        requeues: how often a user's request sent the task back.
    """

    started: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = None
    failure: Failure | None = None
    retries: int = 0
    last_retry: datetime | None = None
    requeues: int = 0
    last_requeue: datetime | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the run has ended well."""
        return self.ended is not None and self.failure is None


@dataclass
class Task:
    """A task of a job.

    Attributes:
        properties: as added, with their defaults, in the data plane's spelling.
        order: its place among the job's tasks.
        resumes: before this moment a retry does not begin.
        pool, node: where it runs or ran last; "" before.
        files_removed: whether its folder on the node is gone.
    """

    id: str
    properties: dict[str, Any]
    created: datetime
    modified: datetime
    state_since: datetime
    order: int
    state: str = ACTIVE
    previous_state: str = ""
    previous_since: datetime | None = None
    resumes: datetime | None = None
    pool: str = ""
    node: str = ""
    files_removed: bool = False
    execution: Execution = field(default_factory=Execution)

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return etag_of(self.modified)

    @property
    def slots(self) -> int:
        """How many of a node's task slots it takes."""
        return int(self.properties["requiredSlots"])

    @property
    def on_node(self) -> bool:
        """Whether it has been given to a node and has not come back."""
        return self.state in {PREPARING, RUNNING}

    def enter(self, state: str, now: datetime) -> None:
        """Go into *state*."""
        self.previous_state, self.previous_since = self.state, self.state_since
        self.state, self.state_since = state, now
        self.touch(now)

    def touch(self, now: datetime) -> None:
        """Note a change at *now*."""
        self.modified = later(self.modified, now)


@dataclass
class SpecialRun:
    """A job's preparation or release task on one node.

    Attributes:
        state: running (retries included) or completed.
        first: when the first attempt began.
    """

    pool: str
    node: str
    state: str = RUNNING
    first: datetime | None = None
    execution: Execution = field(default_factory=Execution)


@dataclass
class Job:
    """A job.

    Attributes:
        properties: as added or changed, with their defaults, in the data plane's spelling.
        state: active, disabling, disabled, enabling, terminating, completed or deleting.
        preparations, releases: by node id, also of nodes that have left meanwhile.
        released: whether the release tasks have run, or need not any more.
        schedule: the id of the job schedule that has made it, or "".
    """

    id: str
    properties: dict[str, Any]
    created: datetime
    modified: datetime
    state_since: datetime
    state: str = ACTIVE
    previous_state: str = ""
    previous_since: datetime | None = None
    ended: datetime | None = None
    terminate_reason: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    preparations: dict[str, SpecialRun] = field(default_factory=dict)
    releases: dict[str, SpecialRun] = field(default_factory=dict)
    released: bool = False
    next_order: int = 0
    schedule: str = ""

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return etag_of(self.modified)

    @property
    def pool(self) -> str:
        """The id of the pool that the job's tasks run on, lower-cased; it need not exist."""
        return str(self.properties["poolInfo"]["poolId"]).lower()

    @property
    def schedules(self) -> bool:
        """Whether tasks of the job may begin."""
        return self.state == ACTIVE

    def enter(self, state: str, now: datetime) -> None:
        """Go into *state*."""
        self.previous_state, self.previous_since = self.state, self.state_since
        self.state, self.state_since = state, now
        self.touch(now)

    def touch(self, now: datetime) -> None:
        """Note a change at *now*."""
        self.modified = later(self.modified, now)

    @property
    def root(self) -> str:
        """What the job's tasks have on a node, below the Batch root directory; a schedule's jobs lie side by side."""
        return f"workitems/{self.id.replace(':', '/')}"

    def folder(self, task_id: str) -> str:
        """Where a task of the job lies on a node, below the Batch root directory."""
        return f"{self.root}/{task_id}" if self.schedule else f"{self.root}/job-1/{task_id}"
