"""Role assignments over HTTP, and what the caller's amount to: speaks, decides nothing."""

from __future__ import annotations

import re
from typing import Any

from local_azure.services.arm.access import Access, Assignment, assignment_id
from local_azure.services.arm.authorization_plane import routes
from local_azure.services.arm.role_definition_routes import definition_id, permission
from local_azure.services.arm.scopes import at_every_scope, scope_of
from local_azure.wire.messages import AzureError, Reply, Request

_ONE = "roleAssignments/{name}"
_PERMISSION = "Microsoft.Authorization/roleAssignments"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILTER = re.compile(r"(principalId|assignedTo\()\s*(?:eq\s*)?'([^']+)'", re.IGNORECASE)


@at_every_scope(routes, "PUT", _ONE, name="RoleAssignments_Create", permission=f"{_PERMISSION}/write")
def put_assignment(access: Access, request: Request) -> Reply:
    """Give a role. Giving it again under the same name changes nothing."""
    name, scope = request.params["name"], scope_of(request)
    properties = request.json().get("properties")
    role_id, principal = _wanted(access, name, properties)
    known = access.state.assignments.get(assignment_id(scope, name).lower())
    if known and (known.role_id, known.principal_id) != (role_id, principal):
        raise AzureError(
            409,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    if known is None and any(
        (other.scope.lower(), other.role_id, other.principal_id) == (scope.lower(), role_id, principal)
        for other in access.state.assignments.values()
    ):
        raise AzureError(409, "RoleAssignmentExists", "The role assignment already exists.")
    kind = str((properties or {}).get("principalType") or "ServicePrincipal")
    assignment = known or access.assign(name, scope, role_id, principal, principal_type=kind)
    return Reply(200 if known else 201, _assignment(access, assignment))


def _wanted(access: Access, name: str, properties: Any) -> tuple[str, str]:
    """Role id and principal id of the request. Source: role assignments REST, error codes seen in the service."""
    if not _GUID.fullmatch(name):
        raise AzureError(
            400, "InvalidRoleAssignmentId", f"The role assignment ID '{name}' is not valid. It must be a GUID."
        )
    if not isinstance(properties, dict) or not properties.get("roleDefinitionId") or not properties.get("principalId"):
        raise AzureError(400, "BadRequestFormat", "The request was incorrectly formatted.")
    role_id = str(properties["roleDefinitionId"]).rsplit("/", 1)[-1].lower()
    if access.role(role_id) is None:
        raise AzureError(
            400, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{role_id}' does not exist."
        )
    return role_id, str(properties["principalId"]).lower()


@at_every_scope(routes, "GET", _ONE, name="RoleAssignments_Get", permission=f"{_PERMISSION}/read")
def get_assignment(access: Access, request: Request) -> Reply:
    """One assignment."""
    return Reply(200, _assignment(access, _find(access, request)))


@at_every_scope(routes, "DELETE", _ONE, name="RoleAssignments_Delete", permission=f"{_PERMISSION}/delete")
def delete_assignment(access: Access, request: Request) -> Reply:
    """Take a role away: 200 with the assignment, or 204 where there was none."""
    known = access.state.assignments.pop(assignment_id(scope_of(request), request.params["name"]).lower(), None)
    return Reply(200, _assignment(access, known)) if known else Reply(204)


@at_every_scope(routes, "GET", "roleAssignments", name="RoleAssignments_ListForScope", permission=f"{_PERMISSION}/read")
def list_assignments(access: Access, request: Request) -> Reply:
    """Those at, above and below the scope; `atScope()` leaves out those below."""
    scope, condition = scope_of(request).lower(), request.query.get("$filter", "")
    match = _FILTER.search(condition)
    principal = match[2].lower() if match else ""
    found = [
        _assignment(access, known)
        for _, known in sorted(access.state.assignments.items())
        if (scope + "/").startswith(known.scope.lower() + "/")
        or ("atscope()" not in condition.lower() and known.scope.lower().startswith(scope + "/"))
        if not principal or known.principal_id == principal
    ]
    return Reply(200, {"value": found})


@at_every_scope(routes, "GET", "permissions", name="Permissions_ListForResource")
def list_permissions(access: Access, request: Request) -> Reply:
    """What the caller may do at the scope: one entry a role. Source: Permissions_ListForResource."""
    scope, caller = scope_of(request).lower(), request.who()
    held = [
        access.role(known.role_id)
        for known in access.state.assignments.values()
        if known.principal_id == caller.object_id and (scope + "/").startswith(known.scope.lower() + "/")
    ]
    return Reply(200, {"value": [permission(role) for role in held if role]})


def _find(access: Access, request: Request) -> Assignment:
    name = request.params["name"]
    known = access.state.assignments.get(assignment_id(scope_of(request), name).lower())
    if known is None:
        raise AzureError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    return known


def _assignment(access: Access, assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment_id(assignment.scope, assignment.name),
        "name": assignment.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": definition_id(access, assignment.role_id),
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "createdOn": assignment.created.isoformat(),
            "updatedOn": assignment.created.isoformat(),
            "createdBy": access.settings.object_id,
            "updatedBy": access.settings.object_id,
        },
    }
