"""Batch accounts and pools: Microsoft.Batch, management plane, the only one that gives pools identities."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.batch.models import Pool

from batchcert.arm_ids import ArmId
from batchcert.plan.account import ObservedAccount, VmSize
from batchcert.plan.pool import ObservedPool, ResizeError
from tasks.azure_api.faults import explained
from tasks.azure_api.plain import region as plain_region
from tasks.azure_api.plain import utc, word
from tasks.azure_api.waiting import finished, found

DELETION_LIMIT = timedelta(minutes=30)  # Batch takes the nodes away first


@explained
def read(api: BatchManagementClient, pool: ArmId) -> ObservedPool | None:
    """The pool with its whole body, or None where there is none."""
    known = found(lambda: api.pool.get(pool.resource_group, pool.names[0], pool.name))
    return _observed(known) if known else None


@explained
def listed(api: BatchManagementClient, account: ArmId) -> list[ObservedPool]:
    """All pools of the account."""
    return [_observed(pool) for pool in api.pool.list_by_batch_account(account.resource_group, account.name)]


@explained
def create(api: BatchManagementClient, pool: ArmId, body: Mapping[str, object]) -> ObservedPool:
    """Create the pool from its plain ARM *body*.

    A PUT on a pool that exists would replace it whole, hence `If-None-Match: *`.

    Raises: Problem `azure-changed-meanwhile` where somebody else created it first.
    """
    created = api.pool.create(
        pool.resource_group, pool.names[0], pool.name, Pool(body), match_condition=MatchConditions.IfMissing
    )
    return _observed(created)


@explained
def update(api: BatchManagementClient, pool: ArmId, body: Mapping[str, object]) -> ObservedPool:
    """Change the properties that the plain ARM *body* names; identities in it are added to those the pool has."""
    return _observed(api.pool.update(pool.resource_group, pool.names[0], pool.name, Pool(body)))


@explained
def stop_resize(api: BatchManagementClient, pool: ArmId) -> None:
    """Have Batch stop a resize that is under way; it is steady soon after. One that is over already is fine."""
    with contextlib.suppress(ResourceExistsError):  # 409: nothing is under way any more
        api.pool.stop_resize(pool.resource_group, pool.names[0], pool.name)


@explained
def delete(api: BatchManagementClient, pool: ArmId) -> None:
    """Delete the pool and wait until it is gone with its nodes. One that is gone already is fine."""
    poller = found(lambda: api.pool.begin_delete(pool.resource_group, pool.names[0], pool.name))
    if poller:
        finished(poller, DELETION_LIMIT, f"the deletion of pool {pool.name}")


@explained
def read_account(api: BatchManagementClient, account: ArmId) -> ObservedAccount | None:
    """The Batch account, or None where there is none."""
    known = found(lambda: api.batch_account.get(account.resource_group, account.name))
    if known is None or known.properties is None:
        return None
    properties = known.properties
    modes = [word(mode) for mode in properties.allowed_authentication_modes or []]
    return ObservedAccount(
        arm_id=str(known.id),
        region=plain_region(known.location),
        endpoint=str(properties.account_endpoint),
        allocation_mode=word(properties.pool_allocation_mode),
        takes_entra=not modes or "AAD" in modes,
    )


@explained
def vm_sizes(api: BatchManagementClient, region: str) -> list[VmSize]:
    """The sizes of nodes that Batch offers in *region*."""
    return [
        VmSize(str(size.name), utc(size.batch_support_end_of_life))
        for size in api.location.list_supported_virtual_machine_skus(region)
    ]


def _observed(pool: Pool) -> ObservedPool:
    properties = pool.properties
    status = properties.resize_operation_status if properties else None
    fixed = properties.scale_settings.fixed_scale if properties and properties.scale_settings else None
    return ObservedPool(
        arm_id=str(pool.id),
        body=pool.as_dict(),
        allocation=word(properties.allocation_state if properties else ""),
        provisioning=word(properties.provisioning_state if properties else ""),
        target_nodes=_sum(fixed or status, "target_dedicated_nodes", "target_low_priority_nodes"),
        current_nodes=_sum(properties, "current_dedicated_nodes", "current_low_priority_nodes"),
        resize_errors=tuple(
            ResizeError(str(error.code), str(error.message)) for error in (status.errors if status else None) or ()
        ),
    )


def _sum(values: object, *names: str) -> int:
    return sum(getattr(values, name, None) or 0 for name in names)
