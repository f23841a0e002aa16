"""Pools: as they were last written, how they are scaled, and their nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_azure.services.batch.protocol.times import etag_of, later
from local_azure.services.batch.state.nodes import Node


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
