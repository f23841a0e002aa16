"""Microsoft.Authorization over HTTP: role definitions, role assignments, the caller's permissions.

An assignment's scope is any path in front of the provider, so the templates differ by the scope's depth.
"""

from __future__ import annotations

import re
from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, Access, Assignment, assignment_id, guard
from local_azure.services.arm.roles import ROLES, Role
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_RESOURCE = f"{_GROUP}/providers/{{provider}}/{{type}}/{{resource}}"
_SCOPES = (_SUBSCRIPTION, _GROUP, _RESOURCE)
_PROVIDER = "/providers/Microsoft.Authorization"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILTER = re.compile(r"(principalId|assignedTo\()\s*(?:eq\s*)?'([^']+)'", re.IGNORECASE)

routes: Routes[Access] = Routes(
    service="authorization",
    hosts=HOSTS,
    api_versions=frozenset(
        {"2015-07-01", "2018-01-01-preview", "2020-04-01-preview", "2020-10-01-preview", "2022-04-01"}
    ),
    guard=lambda access, request, operation: guard(_Guarded(access), request, operation),
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
)


class _Guarded:
    """`Access` as its own guarded service."""

    def __init__(self, access: Access) -> None:
        self.access = access


def _put_assignment(access: Access, request: Request) -> Reply:
    name, scope = request.params["name"], _scope(request)
    properties = request.json().get("properties")
    role_id, principal = _wanted(name, properties)
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


def _wanted(name: str, properties: Any) -> tuple[str, str]:
    """Role id and principal id of the request. Source: role assignments REST, error codes seen in the service."""
    if not _GUID.fullmatch(name):
        raise AzureError(
            400, "InvalidRoleAssignmentId", f"The role assignment ID '{name}' is not valid. It must be a GUID."
        )
    if not isinstance(properties, dict) or not properties.get("roleDefinitionId") or not properties.get("principalId"):
        raise AzureError(400, "BadRequestFormat", "The request was incorrectly formatted.")
    role_id = str(properties["roleDefinitionId"]).rsplit("/", 1)[-1].lower()
    if role_id not in ROLES:
        raise AzureError(
            400, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{role_id}' does not exist."
        )
    return role_id, str(properties["principalId"]).lower()


def _get_assignment(access: Access, request: Request) -> Reply:
    return Reply(200, _assignment(access, _find(access, request)))


def _delete_assignment(access: Access, request: Request) -> Reply:
    known = access.state.assignments.pop(assignment_id(_scope(request), request.params["name"]).lower(), None)
    return Reply(200, _assignment(access, known)) if known else Reply(204)


def _list_assignments(access: Access, request: Request) -> Reply:
    """Those at, above and below the scope; `atScope()` leaves out those below."""
    scope, condition = _scope(request).lower(), request.query.get("$filter", "")
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


def _list_definitions(access: Access, request: Request) -> Reply:
    match = re.search(r"roleName\s+eq\s+'([^']+)'", request.query.get("$filter", ""), re.IGNORECASE)
    found = [_definition(access, r) for r in ROLES.values() if not match or r.name.lower() == match[1].lower()]
    return Reply(200, {"value": found})


def _get_definition(access: Access, request: Request) -> Reply:
    role = ROLES.get(request.params["name"].lower())
    if role is None:
        raise AzureError(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{request.params['name']}' does not exist.",
        )
    return Reply(200, _definition(access, role))


def _list_permissions(access: Access, request: Request) -> Reply:
    """What the caller may do at the scope: one entry a role. Source: Permissions_ListForResource."""
    scope, caller = _scope(request).lower(), request.who()
    held = [
        ROLES[known.role_id]
        for known in access.state.assignments.values()
        if known.principal_id == caller.object_id and (scope + "/").startswith(known.scope.lower() + "/")
    ]
    return Reply(200, {"value": [_permission(role) for role in held]})


def _find(access: Access, request: Request) -> Assignment:
    name = request.params["name"]
    known = access.state.assignments.get(assignment_id(_scope(request), name).lower())
    if known is None:
        raise AzureError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    return known


def _scope(request: Request) -> str:
    return request.path[: request.path.lower().index("/providers/microsoft.authorization/")]


def _assignment(access: Access, assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment_id(assignment.scope, assignment.name),
        "name": assignment.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": _definition_id(access, assignment.role_id),
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "createdOn": assignment.created.isoformat(),
            "updatedOn": assignment.created.isoformat(),
            "createdBy": access.settings.object_id,
            "updatedBy": access.settings.object_id,
        },
    }


def _definition_id(access: Access, role_id: str) -> str:
    return f"/subscriptions/{access.settings.subscription}{_PROVIDER}/roleDefinitions/{role_id}"


def _definition(access: Access, role: Role) -> dict[str, Any]:
    return {
        "id": _definition_id(access, role.id),
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [_permission(role)],
        },
    }


def _permission(role: Role) -> dict[str, Any]:
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": [],
    }


_ASSIGNMENTS = f"{_PROVIDER}/roleAssignments"
_DEFINITIONS = f"{_PROVIDER}/roleDefinitions"
_WRITE, _READ, _DELETE = (f"Microsoft.Authorization/roleAssignments/{verb}" for verb in ("write", "read", "delete"))
for _at in _SCOPES:
    routes.put(f"{_at}{_ASSIGNMENTS}/{{name}}", name="RoleAssignments_Create", permission=_WRITE)(_put_assignment)
    routes.get(f"{_at}{_ASSIGNMENTS}/{{name}}", name="RoleAssignments_Get", permission=_READ)(_get_assignment)
    routes.delete(f"{_at}{_ASSIGNMENTS}/{{name}}", name="RoleAssignments_Delete", permission=_DELETE)(
        _delete_assignment
    )
    routes.get(f"{_at}{_ASSIGNMENTS}", name="RoleAssignments_ListForScope", permission=_READ)(_list_assignments)
    routes.get(f"{_at}{_DEFINITIONS}", name="RoleDefinitions_List")(_list_definitions)
    routes.get(f"{_at}{_DEFINITIONS}/{{name}}", name="RoleDefinitions_Get")(_get_definition)
    routes.get(f"{_at}{_PROVIDER}/permissions", name="Permissions_ListForResource")(_list_permissions)
