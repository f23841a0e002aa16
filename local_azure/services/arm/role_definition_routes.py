"""Role definitions over HTTP: speaks, decides nothing."""

from __future__ import annotations

import re
from typing import Any

from local_azure.services.arm import custom_roles
from local_azure.services.arm.access import Access
from local_azure.services.arm.authorization_plane import routes
from local_azure.services.arm.roles import Role
from local_azure.services.arm.scopes import PROVIDER, at_every_scope, scope_of
from local_azure.wire.messages import AzureError, Reply, Request

_ONE = "roleDefinitions/{name}"
_PERMISSION = "Microsoft.Authorization/roleDefinitions"
_TERM = re.compile(r"(roleName|type)\s+eq\s+'([^']+)'", re.IGNORECASE)


@at_every_scope(routes, "GET", "roleDefinitions", name="RoleDefinitions_List")
def list_definitions(access: Access, request: Request) -> Reply:
    """The roles that can be given at the scope, built-in and custom; `$filter` compares roleName and type."""
    wanted = {name.lower(): value.lower() for name, value in _TERM.findall(request.query.get("$filter", ""))}
    found = [
        definition(access, role)
        for role in access.roles()
        if wanted.get("rolename", role.name.lower()) == role.name.lower()
        and wanted.get("type", role.type.lower()) == role.type.lower()
    ]
    return Reply(200, {"value": found})


@at_every_scope(routes, "GET", _ONE, name="RoleDefinitions_Get")
def get_definition(access: Access, request: Request) -> Reply:
    """One role."""
    role = access.role(request.params["name"])
    if role is None:
        raise AzureError(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{request.params['name']}' does not exist.",
        )
    return Reply(200, definition(access, role))


@at_every_scope(routes, "PUT", _ONE, name="RoleDefinitions_CreateOrUpdate", permission=f"{_PERMISSION}/write")
def put_definition(access: Access, request: Request) -> Reply:
    """Create or replace a custom role; a definition that names no scope can be given at the one it is put to."""
    properties = request.json().get("properties")
    given = {"assignableScopes": [scope_of(request)], **(properties if isinstance(properties, dict) else {})}
    return Reply(201, definition(access, custom_roles.put(access, request.params["name"], given)))


@at_every_scope(routes, "DELETE", _ONE, name="RoleDefinitions_Delete", permission=f"{_PERMISSION}/delete")
def delete_definition(access: Access, request: Request) -> Reply:
    """Remove a custom role: 200 with it, or 204 where there was none."""
    role = custom_roles.delete(access, request.params["name"])
    return Reply(200, definition(access, role)) if role else Reply(204)


def definition_id(access: Access, role_id: str) -> str:
    """The ARM id of a role definition, as the subscription shows it."""
    return f"/subscriptions/{access.settings.subscription}{PROVIDER}/roleDefinitions/{role_id}"


def definition(access: Access, role: Role) -> dict[str, Any]:
    """A role as it is shown."""
    return {
        "id": definition_id(access, role.id),
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": role.type,
            "description": role.description,
            "assignableScopes": list(role.scopes),
            "permissions": [permission(role)],
        },
    }


def permission(role: Role) -> dict[str, Any]:
    """What a role allows, as it is shown."""
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }
