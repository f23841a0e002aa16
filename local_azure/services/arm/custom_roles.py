"""Roles that a tenant defines for itself: the rules; knows no HTTP.

Source: "Azure custom roles" on Microsoft Learn, role definitions REST.
"""

from __future__ import annotations

import re
from typing import Any

from local_azure.services.arm.access import Access
from local_azure.services.arm.roles import ROLES, Role
from local_azure.wire.messages import AzureError

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def put(access: Access, role_id: str, properties: dict[str, Any]) -> Role:
    """Create or replace the custom role *role_id* (a GUID).

    Raises: AzureError 400 for an id or properties that Azure refuses; 409 where another role has the name.
    """
    if not _GUID.fullmatch(role_id):
        raise AzureError(
            400, "RoleDefinitionIdInvalid", f"The role definition ID '{role_id}' is not valid. It must be a GUID."
        )
    if role_id.lower() in ROLES:
        raise AzureError(400, "InvalidRoleDefinitionUpdate", "A built-in role definition cannot be changed.")
    role = _read(role_id.lower(), properties)
    if any(other.id != role.id and other.name.lower() == role.name.lower() for other in access.roles()):
        raise AzureError(
            409,
            "RoleDefinitionWithSameNameExists",
            f"A custom role with the same name already exists in this directory. Use a different name: '{role.name}'.",
        )
    access.state.roles[role.id] = role
    return role


def delete(access: Access, role_id: str) -> Role | None:
    """Remove the custom role and return it; None where there is none.

    Raises: AzureError 400 while somebody has the role.
    """
    if any(assignment.role_id == role_id.lower() for assignment in access.state.assignments.values()):
        raise AzureError(
            400,
            "RoleDefinitionHasAssignments",
            "There are existing role assignments referencing the role. Remove them before deleting the role.",
        )
    return access.state.roles.pop(role_id.lower(), None)


def _read(role_id: str, properties: dict[str, Any]) -> Role:
    name, scopes = properties.get("roleName"), properties.get("assignableScopes")
    if not isinstance(name, str) or not name:
        raise AzureError(400, "RoleDefinitionNameMissing", "The role definition must have a roleName.")
    if not isinstance(scopes, list) or not scopes:
        raise AzureError(400, "MissingAssignableScopes", "The role definition must have at least one assignable scope.")
    permissions = [part for part in properties.get("permissions") or [] if isinstance(part, dict)]

    def patterns(kind: str) -> tuple[str, ...]:
        return tuple(str(pattern) for part in permissions for pattern in part.get(kind) or [])

    return Role(
        role_id,
        name,
        patterns("actions"),
        patterns("notActions"),
        patterns("dataActions"),
        patterns("notDataActions"),
        description=str(properties.get("description") or ""),
        scopes=tuple(str(scope) for scope in scopes),
        custom=True,
    )
