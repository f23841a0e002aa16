"""What the report of a run is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from batchcert.arm_ids import ArmId
from batchcert.changes import Change
from batchcert.clouds import Cloud
from batchcert.forecast.risks import Forewarning
from batchcert.repair.old_files import OldFiles
from batchcert.repair.steps import Repairs
from batchcert.verdict.finding import Row
from batchcert.verdict.looked import Looked

_KINDS = {"batchAccounts": "Batch account", "vaults": "key vault", "userAssignedIdentities": "managed identity"}


@dataclass(frozen=True)
class CertificateLine:
    """A certificate's current version in Key Vault.

    *renews_at* is when Key Vault starts to renew it, or None where it does not by itself; times are UTC.
    """

    label: str
    version: str
    sha256: str
    not_before: datetime
    not_after: datetime
    renews_at: datetime | None


@dataclass(frozen=True)
class Link:
    """An address worth opening, and what to call it."""

    title: str
    url: str


@dataclass(frozen=True)
class RunReport:
    """All that the report shows.

    Attributes:
        pool: the pool's name.
        place: where it is, as a person says it: "Batch account batcheu, westeurope".
        ran_at: when the verdicts were given, by the service's clock, UTC.
        rows: a row for each certificate on each node; None where the run did not look at nodes.
        changes: what was ensured; empty where the run changes nothing.
        certificates: what Key Vault holds.
        ahead: warnings of what lies ahead, the nearest first; they say nothing of whether the pool is fine now.
        looked: how the nodes were looked at; None where the run did not look at any.
        repairs: what was done about stale nodes, and why not to others.
        old: old files of certificates on the nodes, and those that were removed.
        links: pages of the portal.
        pages: where the pages of docs/problems are published, ending in "/"; "" where they are not, and each reason
            names its page's path in the repository instead.
    """

    pool: str
    place: str
    ran_at: datetime
    rows: Sequence[Row] | None = None
    changes: Sequence[Change] = ()
    certificates: Sequence[CertificateLine] = ()
    ahead: Sequence[Forewarning] = ()
    looked: Looked | None = None
    repairs: Repairs = field(default_factory=Repairs)
    old: OldFiles = field(default_factory=OldFiles)
    links: Sequence[Link] = ()
    pages: str = ""


def portal_link(cloud: Cloud, resource: ArmId) -> Link:
    """The portal's page of *resource*; for a part of one (a pool), the page of the whole (its account)."""
    whole = ArmId(
        resource.subscription, resource.resource_group, resource.provider, resource.types[:1], resource.names[:1]
    )
    kind = whole.types[0]
    return Link(f"{_KINDS.get(kind, kind)} {whole.name}", f"https://{cloud.portal}/#resource{quote(str(whole))}")
