"""What can keep a pool's certificates from being renewed in time: each risk with its cause and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from batchcert.visit.faults import Explained


@dataclass(frozen=True)
class Forewarning:
    """A warning of what lies ahead.

    Attributes:
        code: its name, and that of its page in docs/problems.
        subject: what it is about: a certificate, an image, a size.
        message: what was seen.
        due: when it takes effect, UTC.
    """

    code: str
    subject: str
    message: str
    cause: str
    cure: str
    due: datetime


class Risk(Explained):
    """The risks. Each value is the name of a page in docs/problems."""

    def forewarning(self, subject: str, message: str, due: datetime) -> Forewarning:
        """A warning of this risk."""
        return Forewarning(self.value, subject, message, self.cause, self.cure, due)

    ISSUER_CANNOT_RENEW = (
        "issuer-cannot-renew",
        "Key Vault renews by itself for issuer Self and for an enabled issuer of the vault",
        "import the next version in time, or have Key Vault issue it: issuer Self, or one configured in the vault",
    )
    EMAIL_CONTACTS_ONLY = (
        "email-contacts-only",
        "the policy's lifetime action is EmailContacts: Key Vault writes a mail and renews nothing",
        "run provision, which sets the lifetime action AutoRenew; or renew by hand when the mail comes",
    )
    NO_LIFETIME_ACTION = (
        "no-lifetime-action",
        "the policy has no lifetime action, so Key Vault does nothing when the certificate nears its end",
        "run provision, which sets the lifetime action AutoRenew",
    )
    TRIGGER_LATE = (
        "renewal-trigger-late",
        "Key Vault may begin up to 72 hours after the trigger, and the nodes fetch the version after that",
        "renew at least 5 days before expiry: change the certificate's renewal, and run provision",
    )
    VALIDITY_TOO_SHORT = (
        "validity-too-short",
        "between two looks of a node at Key Vault a version may end, or be replaced before it was ever fetched",
        "give the certificate a longer validity or an earlier renewal, or the pool a shorter polling interval",
    )
    RENEWAL_DUE = (
        "renewal-due",
        "the trigger has passed, and Key Vault may take up to 72 hours to begin",
        "nothing yet; where the request has failed, mend what it says",
    )
    RENEWAL_OVERDUE = (
        "renewal-overdue",
        "more than 72 hours after the trigger Key Vault has no new version: its request failed, or waits for somebody",
        "look at the certificate's pending operation in the vault, mend its cause, and create a new version",
    )
    IMAGE_RETIRING = (
        "image-retiring",
        "Batch ends its support for an image when its publisher does, and makes no more pools of it",
        "provision a pool of another name with a current image, and move the work there",
    )
    SIZE_RETIRING = (
        "vm-size-retiring",
        "Azure retires the size's series: its machines are deallocated then",
        "provision a pool of another name with a current size, and move the work there",
    )
