"""What each step hands to the next: small values that may be stored and shown to anyone.

Never a secret, never an SDK's object. Times are UTC, by Azure's own clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from batchcert.changes import Change
from batchcert.forecast.outlook import Outlook
from batchcert.render.report import CertificateLine
from batchcert.spec import Authorization
from batchcert.verdict.evidence import Expected, NodeView, PoolView
from batchcert.verdict.judging import NodeVisit
from batchcert.verdict.looked import Looked
from batchcert.visit.script import Asked


@dataclass(frozen=True)
class PreflightDone:
    """Nothing known stands in the way.

    Attributes:
        endpoint: host name of the Batch account's data plane.
        notes: what does not stand in the way and should be known all the same, a sentence each.
    """

    endpoint: str
    notes: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True)
class IdentityReady:
    """The identity exists. *change* is what this run did to it."""

    arm_id: str
    client_id: str
    principal_id: str
    tenant_id: str
    change: Change


@dataclass(frozen=True)
class VaultReady:
    """The vault exists. *url* has no trailing slash."""

    arm_id: str
    url: str
    authorization: Authorization
    change: Change

    @property
    def name(self) -> str:
        """The vault's name."""
        return self.arm_id.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class CertificateReady:
    """The certificate exists, and its policy is as it should be.

    Attributes:
        secret_id: versionless address of the secret behind it: what nodes observe.
        version: the current version's id.
        sha256: lower-case hex digest of the current version's DER form.
        renews_at: when Key Vault starts to renew it, or None where its validity leaves no room for the trigger.
    """

    vault: str
    name: str
    secret_id: str
    version: str
    sha256: str
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    renews_at: datetime | None
    change: Change


@dataclass(frozen=True)
class AccessReady:
    """The identity may read the vault's secrets."""

    vault: str
    principal_id: str
    change: Change


@dataclass(frozen=True)
class PoolReady:
    """The pool exists and is as it should be. *endpoint* is the account's data plane."""

    arm_id: str
    endpoint: str
    change: Change

    @property
    def name(self) -> str:
        """The pool's id in its account."""
        return self.arm_id.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class NodesReady:
    """All nodes that will come are there. *seen_at* is when they were listed."""

    pool: str
    nodes: tuple[NodeView, ...]
    seen_at: datetime


@dataclass(frozen=True)
class TornDown:
    """What a teardown did, and what it left because batchcert had not made it."""

    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Watched:
    """What a pool's extension observes, and what Key Vault holds of it.

    Attributes:
        endpoint: host name of the account's data plane.
        polling_interval_seconds: seconds between two looks of a node at Key Vault.
        expected: what every node should have.
        certificates: the same as the report shows it.
        outlook: what a forecast is built on.
        view: what of the pool itself bears on its nodes.
        puts_hooks: whether the pool's own start task puts the hooks on its nodes.
    """

    arm_id: str
    endpoint: str
    extension_version: str
    polling_interval_seconds: int
    expected: tuple[Expected, ...]
    certificates: tuple[CertificateLine, ...]
    seen_at: datetime
    outlook: Outlook = field(default_factory=Outlook)
    view: PoolView = field(default_factory=PoolView)
    puts_hooks: bool = True

    @property
    def pool(self) -> str:
        """The pool's id in its account."""
        return self.arm_id.rsplit("/", 1)[-1]

    @property
    def asked(self) -> Asked:
        """What a visit is to look at."""
        stores = tuple(dict.fromkeys(certificate.store for certificate in self.expected))
        return Asked(
            stores,
            readers={
                store: tuple(reader.user for one in self.expected if one.store == store for reader in one.readers)
                for store in stores
            },
            served=tuple(dict.fromkeys(place for one in self.expected for place in one.endpoints)),
            hooks=tuple(one.hook.name for one in self.expected if one.hook),
        )


@dataclass(frozen=True)
class Visited:
    """What came of a pool's nodes.

    *now* is the service's time when the last was done, by which they are judged. *second* is what a second channel saw
    of the same nodes, where there was one. *looked* says which channels these were.
    """

    nodes: tuple[NodeView, ...]
    visits: tuple[NodeVisit, ...]
    now: datetime
    second: tuple[NodeVisit, ...] = ()
    looked: Looked = field(default_factory=Looked)
