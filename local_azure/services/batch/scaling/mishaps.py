"""Resizes that fail on purpose."""

from __future__ import annotations

from local_azure import happenings
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import Pool, ResizeFailure
from local_azure.wire.faults import Faults


def resize_failure(faults: Faults | None, account: Account, pool: Pool) -> ResizeFailure | None:
    """How the resize that *pool* is about to begin fails, or None. One of a pool that is being deleted never does.

    The usual code is that of "Azure Batch pool and node errors" for nodes that could not be allocated.
    """
    if faults is None or pool.deleting:
        return None
    rule = faults.strike(happenings.DOMAIN, happenings.POOL_RESIZE, f"{account.name}/{pool.name}")
    if rule is None:
        return None
    message = rule.effect.message or "Desired number of dedicated nodes could not be allocated"
    return ResizeFailure(rule.effect.code or "AllocationFailed", message)
