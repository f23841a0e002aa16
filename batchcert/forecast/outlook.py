"""What a forecast is built on: how Key Vault will renew each certificate, and what the nodes are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from batchcert.problems import Problem
from batchcert.spec import Renewal
from batchcert.verdict.renewal import renewal_time

UNKNOWN_ISSUER = "unknown"


@dataclass(frozen=True)
class Prospect:
    """A certificate's current version in Key Vault, and the policy by which the next one comes.

    Attributes:
        label: how a person names it: vault/certificate.
        issuer: Self, Unknown, or the name of an issuer of the vault.
        issuer_fault: why the issuer cannot issue, "it is disabled" say; "" where nothing is known against it.
        renewal: when the policy's lifetime action AutoRenew begins, or None where it has no such action.
        mails: whether the lifetime action EmailContacts is there.
        not_before, not_after: the version's validity, UTC.
        request: what has become of the request for a next version, where it is not done: "failed: ..."; else "".
    """

    label: str
    issuer: str
    renewal: Renewal | None
    mails: bool
    not_before: datetime
    not_after: datetime
    issuer_fault: str = ""
    request: str = ""

    @property
    def imported(self) -> bool:
        """Whether its versions come from outside of Key Vault."""
        return self.issuer.lower() == UNKNOWN_ISSUER

    @property
    def renews_by_itself(self) -> bool:
        """Whether Key Vault would try to renew it."""
        return self.renewal is not None and not self.imported

    @property
    def renews_at(self) -> datetime | None:
        """When Key Vault starts to renew the version, UTC, or None where it does not by itself."""
        if self.renewal is None or self.imported:
            return None
        try:
            return renewal_time(self.not_before, self.not_after, self.renewal)
        except Problem:  # a trigger that this validity leaves no room for never fires
            return None


@dataclass(frozen=True)
class Offer:
    """What Batch makes a pool's nodes of: an image or a size.

    Attributes:
        name: as a person names it.
        ends: when Batch stops its support, UTC, or None where no date is known.
        told_by: who names the date: "Batch", or the title of Microsoft's page.
        gone: whether Batch does not offer it any more.
    """

    name: str
    ends: datetime | None = None
    told_by: str = "Batch"
    gone: bool = False


@dataclass(frozen=True)
class Outlook:
    """All that a forecast is built on.

    *image* and *size* are None where they could not be read, or where the image is the owner's own.
    """

    certificates: tuple[Prospect, ...] = ()
    polling: timedelta = timedelta(0)
    image: Offer | None = None
    size: Offer | None = None
