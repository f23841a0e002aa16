"""The Batch account and what it offers, as Azure tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from batchcert.problems import Problem
from batchcert.spec import Target


@dataclass(frozen=True)
class ObservedAccount:
    """A Batch account.

    Attributes:
        region: short name of its region, in lower case: westus2.
        endpoint: host name of its data plane, as the account itself tells it.
        allocation_mode: BatchService, or UserSubscription where nodes are made in the owner's subscription.
        takes_entra: whether tokens of Entra are among its allowed ways to authenticate.
    """

    arm_id: str
    region: str
    endpoint: str
    allocation_mode: str
    takes_entra: bool


def no_account(target: Target) -> Problem:
    """The Batch account is not there."""
    return Problem(
        "batch-account-not-found",
        what=f"there is no Batch account {target.account_id}",
        cause="its name, resource group or subscription is misspelt, or you may not read it",
        cure="correct the target; batchcert does not create Batch accounts",
    )


@dataclass(frozen=True)
class SupportedImage:
    """An image that the account can make nodes of, with the node agent that goes with it.

    Attributes:
        ends: when Batch stops taking new pools of it, UTC, or None where no date is set.
        verified: whether Batch tests the two together.
    """

    publisher: str
    offer: str
    sku: str
    node_agent: str
    linux: bool
    verified: bool
    ends: datetime | None = None


@dataclass(frozen=True)
class VmSize:
    """A size of nodes that the region has. *ends*: when Batch stops taking new pools of it, or None."""

    name: str
    ends: datetime | None = None
