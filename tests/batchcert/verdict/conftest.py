"""Evidence of a node on which all is well, to be changed in one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from batchcert.spec import Channel, Reader
from batchcert.verdict.evidence import Evidence, Expected, Named, NodeView, PoolView, Span
from batchcert.visit.report import Certificate, Handler, KeyFit, NodeReport, Status, Store, StoreFile

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
CURRENT, EARLIER, FOREIGN = "c" * 64, "e" * 64, "f" * 64
MONTH_AGO, TEN_DAYS_AGO = NOW - timedelta(days=30), NOW - timedelta(days=10)


@dataclass(frozen=True)
class Scene:
    """What is true in Key Vault, in Batch and on the node; tolerance is 15 minutes."""

    state: str = "idle"
    state_since: datetime | None = MONTH_AGO
    allocated_at: datetime | None = MONTH_AGO
    errors: tuple[str, ...] = ()
    booted_at: datetime | None = None
    start_task_at: datetime | None = None
    extensions: tuple[str, ...] = ()
    pool: PoolView = field(default_factory=PoolView)
    issued_at: datetime = TEN_DAYS_AGO
    link_name: str = ""
    pinned: str = ""
    earlier: tuple[str, ...] | None = None
    readers: tuple[Reader, ...] = ()
    named: Named | None = None
    named_before: Named | None = None
    status: str = "success"
    message: str = "Successfully started Key Vault extension service."
    reported_at: str = "2026-05-02T12:00:00Z"
    handlers: tuple[Handler, ...] | None = None
    handler: dict[str, Any] = field(default_factory=dict)
    leaf: str = CURRENT
    leaf_begin: datetime = TEN_DAYS_AGO
    leaf_end: datetime = NOW + timedelta(days=355)
    file: dict[str, Any] = field(default_factory=dict)
    store: dict[str, Any] = field(default_factory=dict)
    stores: tuple[Store, ...] | None = None
    node_time: datetime = NOW
    span: Span | None = field(default=Span(NOW - timedelta(seconds=20), NOW))
    visited: bool = True
    channel: Channel = Channel.SSH
    failure: Exception | None = None

    def evidence(self) -> Evidence:
        """The scene as evidence."""
        return Evidence(
            expected=Expected(
                vault="kv",
                name="web",
                store=STORE,
                link_name=self.link_name,
                pinned_version=self.pinned,
                version="5c2f00aa",
                sha256=CURRENT,
                issued_at=self.issued_at,
                not_before=self.issued_at,
                not_after=self.issued_at + timedelta(days=365),
                earlier_sha256=self.earlier,
                readers=self.readers,
                named=self.named,
                named_before=self.named_before,
            ),
            node=NodeView(
                node_id="tvm-1",
                state=self.state,
                state_since=self.state_since,
                allocated_at=self.allocated_at,
                errors=self.errors,
                booted_at=self.booted_at,
                start_task_at=self.start_task_at,
                extensions=self.extensions,
            ),
            tolerance=timedelta(minutes=15),
            report=self._report() if self.visited and self.failure is None else None,
            failure=self.failure,
            pool=self.pool,
            visited=self.span,
            channel=self.channel,
        )

    def _report(self) -> NodeReport:
        status = Status(self.status, "Service start.", self.message, self.reported_at)
        handler = replace(Handler("3.0.5.0", "Enabled", 2, status), **self.handler)
        leaf = Certificate(self.leaf, "CN=web", "CN=web", (), self.leaf_begin, self.leaf_end)
        file = StoreFile(f"{STORE}/kv.web", "", "root", "root", "600", (leaf,), key=KeyFit.MATCH)
        file = replace(file, **self.file)
        store = replace(Store(STORE, True, (file,)), **self.store)
        return NodeReport(
            node_time=self.node_time,
            handlers=(handler,) if self.handlers is None else self.handlers,
            stores=(store,) if self.stores is None else self.stores,
        )


@pytest.fixture
def scene() -> Scene:
    """All is well."""
    return Scene()
