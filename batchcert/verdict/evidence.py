"""What a verdict is built on: what Key Vault holds, what Batch says of the node, what the visit saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from batchcert.problems import Problem
from batchcert.visit.report import NodeReport


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
    """

    node_id: str
    state: str
    state_since: datetime | None
    allocated_at: datetime | None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """All that is known of one certificate on one node.

    Exactly one of *report* and *failure* is set, or neither where the node was not visited at all.
    *tolerance* is polling interval plus grace: how long the node may lag.
    """

    expected: Expected
    node: NodeView
    tolerance: timedelta
    report: NodeReport | None = None
    failure: Problem | None = None
