"""What a verdict is built on: what Key Vault holds, what Batch says of the node, what the visit saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from batchcert.hook.hook import Hook
from batchcert.problems import Problem
from batchcert.spec import Channel, Endpoint, Reader
from batchcert.visit.report import NodeReport

UP = frozenset({"idle", "running"})
"""The states of a node that is up; Batch takes node users in these alone."""


@dataclass(frozen=True)
class Named:
    """Whom a version of a certificate names: its issuer, and the DNS names in it."""

    issuer: str
    dns_names: tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """A certificate as Key Vault holds it now, and where the extension is told to put it.

    Attributes:
        vault, name: the vault's and the certificate's name.
        store: the folder on the node.
        link_name: the configured link, or "" for the extension's own name.
        pinned_version: the version in the pool's settings, or "" where it is versionless as it should be.
        version: the current version's id in Key Vault.
        sha256: lower-case hex digest of its DER form.
        issued_at, not_before, not_after: UTC.
        earlier_sha256: digests of the versions before the current one, as far back as they were read, () where the
            current one is the first, None where nobody looked. With them a stale leaf is told from a foreign one.
        readers: who besides root is to read the key.
        endpoints: where services present it.
        hook: the command for its new versions, as every node should have it, or None.
        named: whom the current version names, and *named_before* the one before it; None where that is not known, or
            there is none.
    """

    vault: str
    name: str
    store: str
    link_name: str
    pinned_version: str
    version: str
    sha256: str
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    earlier_sha256: tuple[str, ...] | None = None
    readers: tuple[Reader, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    hook: Hook | None = None
    named: Named | None = None
    named_before: Named | None = None

    @property
    def label(self) -> str:
        """How a person names it: vault/certificate."""
        return f"{self.vault}/{self.name}"


@dataclass(frozen=True)
class NodeView:
    """A compute node as Batch tells it.

    Attributes:
        node_id: Batch's id of it.
        state: one of Batch's sixteen node states, in lower case: idle, running, starting...
        state_since: when it came into that state.
        allocated_at: when it was allocated; its age counts from here.
        errors: what Batch says is wrong with it, "Code: message" each.
        booted_at: when it was last booted.
        start_task_at: when its start task last began.
        extensions: what its guest agent says went wrong with its extensions, where it was asked.
    """

    node_id: str
    state: str
    state_since: datetime | None
    allocated_at: datetime | None
    errors: tuple[str, ...] = ()
    booted_at: datetime | None = None
    start_task_at: datetime | None = None
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class PoolView:
    """What of a pool bears on its nodes.

    Attributes:
        resize_errors: why Batch could not give it all its nodes, "Code: message" each.
        faults: what its own body gets wrong, each a trap of `batchcert explain`.
        no_ssh: why its nodes cannot be looked at over SSH, by its own body; "" where they can.
    """

    resize_errors: tuple[str, ...] = ()
    faults: tuple[Problem, ...] = ()
    no_ssh: str = ""


class Span(NamedTuple):
    """From one moment of the service's time to a later one, UTC."""

    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Evidence:
    """All that is known of one certificate on one node.

    Exactly one of *report* and *failure* is set, or neither where the node was not visited at all.
    *tolerance* is polling interval plus grace: how long the node may lag. *visited* is when, by the service's time, the
    node told its own; None where that is not known. *channel* is the way in which the node was looked at.
    """

    expected: Expected
    node: NodeView
    tolerance: timedelta
    report: NodeReport | None = None
    failure: Problem | None = None
    pool: PoolView = PoolView()
    visited: Span | None = None
    channel: Channel = Channel.SSH
