"""Nodes: where each is on its way, its users, its start task."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from local_azure.services.batch.state.jobs import Failure


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
        ended: when the newest attempt ended, None while it runs.
        exit_code: None until an attempt has ended, and for one that could not be started.
        failure: why the newest attempt failed.
    """

    state: str
    started: datetime
    first: datetime
    epoch: int = 0
    ended: datetime | None = None
    exit_code: int | None = None
    retries: int = 0
    last_retry: datetime | None = None
    failure: Failure | None = None


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
