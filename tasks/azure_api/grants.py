"""Role assignments and permissions: Microsoft.Authorization."""

from __future__ import annotations

import re

from azure.core.exceptions import ResourceExistsError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters

from batchcert.arm_ids import parse_arm_id
from batchcert.plan.access import ObservedGrant
from batchcert.plan.permissions import Permission
from tasks.azure_api.faults import explained, is_refused_with
from tasks.azure_api.waiting import found

_GROUP = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)
_DESCRIPTION = "batchcert: the pool's nodes read their certificates with this identity"


@explained
def of_principal(api: AuthorizationManagementClient, scope: str, principal_id: str) -> list[ObservedGrant]:
    """The roles that *principal_id* has at *scope*, above and below it."""
    listed = api.role_assignments.list_for_scope(scope, filter=f"principalId eq '{principal_id}'")
    return [
        ObservedGrant(
            name=str(assignment.name),
            scope=str(assignment.scope),
            role_id=str(assignment.role_definition_id).rsplit("/", 1)[-1].lower(),
        )
        for assignment in listed
    ]


@explained
def give(api: AuthorizationManagementClient, grant: ObservedGrant, subscription: str, principal_id: str) -> None:
    """Assign a role; one that somebody assigned in the meantime is fine."""
    parameters = RoleAssignmentCreateParameters(
        role_definition_id=(
            f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{grant.role_id}"
        ),
        principal_id=principal_id,
        # named, so that Azure does not look up a principal which not all of Entra may know yet
        principal_type="ServicePrincipal",
        description=_DESCRIPTION,
    )
    try:
        api.role_assignments.create(grant.scope, grant.name, parameters)
    except ResourceExistsError as error:
        if not is_refused_with(error, "RoleAssignmentExists"):
            raise


@explained
def take_back(api: AuthorizationManagementClient, grant: ObservedGrant) -> None:
    """Remove a role assignment; one that is gone already is fine."""
    found(lambda: api.role_assignments.delete(grant.scope, grant.name))


@explained
def permissions_at(api: AuthorizationManagementClient, scope: str) -> list[Permission]:
    """What whoever runs this may do at *scope*: the ARM id of a resource group or of a resource."""
    group = _GROUP.fullmatch(scope)
    if group:
        return [_permission(listed) for listed in api.permissions.list_for_resource_group(group[1])]
    resource = parse_arm_id(scope)
    *parents, kind = resource.types
    path = "/".join(f"{parent}/{name}" for parent, name in zip(parents, resource.names, strict=False))
    listing = api.permissions.list_for_resource(resource.resource_group, resource.provider, path, kind, resource.name)
    return [_permission(listed) for listed in listing]


def _permission(listed: object) -> Permission:
    return Permission(
        actions=_patterns(listed, "actions"),
        not_actions=_patterns(listed, "not_actions"),
        data_actions=_patterns(listed, "data_actions"),
        not_data_actions=_patterns(listed, "not_data_actions"),
    )


def _patterns(listed: object, name: str) -> tuple[str, ...]:
    return tuple(getattr(listed, name) or ())
