"""User-assigned managed identities: the rules; knows no HTTP."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from local_azure.services.arm.errors import resource_not_found
from local_azure.services.arm.groups import Groups
from local_azure.services.arm.resources import Resource
from local_azure.services.entra.principals import FederatedCredential, Principal
from local_azure.wire.messages import AzureError, Caller

IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
_NAME = re.compile(r"[A-Za-z0-9][-\w]{2,127}")  # Resource name rules: 3 to 128, starts with a letter or number


@dataclass
class Identity:
    """An identity; its principal and client ids are made once and never change.

    *federated* holds the outside tokens that it trusts, by lower-cased name.
    """

    name: str
    group: str
    location: str
    principal_id: str
    client_id: str
    tags: dict[str, str] = field(default_factory=dict)
    federated: dict[str, FederatedCredential] = field(default_factory=dict)


@dataclass
class IdentitiesState:
    """The identities, by lower-cased ARM id."""

    identities: dict[str, Identity] = field(default_factory=dict)


class Identities:
    """The subscription's user-assigned identities."""

    def __init__(self, groups: Groups, state: IdentitiesState | None = None) -> None:
        self.access = groups.access
        self.groups = groups
        self.state = state or IdentitiesState()
        groups.on_delete.append(self._delete_all)
        groups.on_list.append(self._resources)

    def put(self, group: str, name: str, location: str, tags: dict[str, str]) -> tuple[Identity, bool]:
        """Create or update; returns the identity and whether it is new.

        Raises: AzureError 404 without the group, 400 for a name or location that Azure refuses.
        """
        group = self.groups.get(group).name
        if not _NAME.fullmatch(name):
            raise AzureError(400, "InvalidResourceName", f"The resource name '{name}' is invalid.")
        known = self.state.identities.get(self.arm_id(group, name).lower())
        if known and known.location != location:
            raise AzureError(
                409,
                "InvalidResourceLocation",
                f"The resource '{name}' already exists in location '{known.location}' in resource group '{group}'.",
            )
        identity = Identity(
            name=known.name if known else name,
            group=group,
            location=location,
            principal_id=known.principal_id if known else str(uuid.uuid4()),
            client_id=known.client_id if known else str(uuid.uuid4()),
            tags=tags,
            federated=known.federated if known else {},
        )
        self.state.identities[self.arm_id(group, name).lower()] = identity
        return identity, known is None

    def get(self, group: str, name: str) -> Identity:
        """The identity. Raises: AzureError 404 `ResourceGroupNotFound` or `ResourceNotFound`."""
        self.groups.get(group)
        found = self.find(self.arm_id(group, name))
        if found is None:
            raise resource_not_found(IDENTITY_TYPE, name, group)
        return found

    def delete(self, group: str, name: str) -> bool:
        """Remove the identity; says whether there was one."""
        self.groups.get(group)
        return self.state.identities.pop(self.arm_id(group, name).lower(), None) is not None

    def all(self, group: str = "") -> list[Identity]:
        """The identities, of one group or of all, by ARM id."""
        wanted = group.lower()
        return [
            identity
            for _, identity in sorted(self.state.identities.items())
            if not wanted or identity.group.lower() == wanted
        ]

    def find(self, arm_id: str) -> Identity | None:
        """The identity with this ARM id, or None."""
        return self.state.identities.get(arm_id.lower())

    def arm_id(self, group: str, name: str) -> str:
        """The ARM id of an identity."""
        subscription = self.access.settings.subscription
        return f"/subscriptions/{subscription}/resourcegroups/{group}/providers/{IDENTITY_TYPE}/{name}"

    def caller(self, identity: Identity) -> Caller:
        """What a token for this identity names."""
        return Caller(
            object_id=identity.principal_id,
            client_id=identity.client_id,
            tenant=self.access.settings.tenant,
            resource_id=self.arm_id(identity.group, identity.name),
        )

    def principals(self) -> list[Principal]:
        """The identities as the tenant's directory knows them."""
        return [
            Principal(self.caller(found), found.name, "ManagedIdentity", federated=tuple(found.federated.values()))
            for found in self.all()
        ]

    def _resources(self) -> list[Resource]:
        return [
            Resource(self.arm_id(found.group, found.name), found.name, IDENTITY_TYPE, found.location, found.tags)
            for found in self.all()
        ]

    def _delete_all(self, group: str) -> None:
        for identity in self.all(group):
            self.delete(group, identity.name)
