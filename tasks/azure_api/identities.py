"""User-assigned identities: Microsoft.ManagedIdentity."""

from __future__ import annotations

from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.msi.v2024_11_30.models import Identity

from batchcert.arm_ids import ArmId
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.marks import TAGS
from tasks.azure_api.faults import explained
from tasks.azure_api.plain import region as plain_region
from tasks.azure_api.waiting import found


@explained
def read(api: ManagedServiceIdentityClient, identity: ArmId) -> ObservedIdentity | None:
    """The identity, or None where there is none; a missing resource group is a Problem."""
    known = found(lambda: api.user_assigned_identities.get(identity.resource_group, identity.name))
    return _observed(known) if known else None


@explained
def create(api: ManagedServiceIdentityClient, identity: ArmId, region: str) -> ObservedIdentity:
    """Create the identity in *region*, marked as made by batchcert."""
    body = Identity(location=region, tags=dict(TAGS))
    return _observed(api.user_assigned_identities.create_or_update(identity.resource_group, identity.name, body))


@explained
def delete(api: ManagedServiceIdentityClient, identity: ArmId) -> None:
    """Remove the identity; one that is gone already is fine."""
    api.user_assigned_identities.delete(identity.resource_group, identity.name)


def _observed(identity: Identity) -> ObservedIdentity:
    return ObservedIdentity(
        arm_id=str(identity.id),
        client_id=str(identity.client_id),
        principal_id=str(identity.principal_id),
        tenant_id=str(identity.tenant_id),
        region=plain_region(identity.location),
        tags=dict(identity.tags or {}),
    )
