"""Role definitions and assignments over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from local_azure.wire.messages import Caller

VERSION = "api-version=2022-04-01"
PROVIDER = "providers/Microsoft.Authorization"
ROLE = "aaaaaaaa-0000-4000-8000-00000000cccc"
SOMEBODY = "aaaaaaaa-0000-4000-8000-000000000001"


def custom(door: Any, **changes: Any) -> dict[str, Any]:
    return {
        "properties": {
            "roleName": "Group Reader",
            "assignableScopes": [door.subscription],
            "permissions": [{"actions": ["*/read"], "notActions": ["Microsoft.Batch/*"]}],
            **changes,
        }
    }


def definition(door: Any, name: str = ROLE) -> str:
    return f"{door.subscription}/{PROVIDER}/roleDefinitions/{name}?{VERSION}"


def test_a_custom_role_can_be_given_like_a_built_in_one(door: Any) -> None:
    """It allows what it says, cannot go while somebody has it, and is listed as what it is."""
    assert door.ask("PUT", definition(door), custom(door)).status == 201
    listed = door.ask("GET", f"{door.subscription}/{PROVIDER}/roleDefinitions?{VERSION}&$filter=type eq 'CustomRole'")
    assert [role["name"] for role in listed.body["value"]] == [ROLE]
    assignment = f"{door.group}/{PROVIDER}/roleAssignments/{uuid.uuid4()}?{VERSION}"
    role_id = definition(door).partition("?")[0]
    body = {"properties": {"roleDefinitionId": role_id, "principalId": SOMEBODY}}
    assert door.ask("PUT", assignment, body).status == 201
    reader = Caller(SOMEBODY, "bbbbbbbb-0000-4000-8000-000000000001", door.operator.tenant)
    assert door.ask("GET", f"{door.group}?api-version=2024-11-01", caller=reader).status == 200
    account = f"{door.group}/providers/Microsoft.Batch/batchAccounts?api-version=2024-02-01"
    assert door.code("GET", account, caller=reader) == (403, "AuthorizationFailed")
    assert door.code("DELETE", definition(door)) == (400, "RoleDefinitionHasAssignments")
    assert door.ask("DELETE", assignment).status == 200
    assert [door.ask("DELETE", definition(door)).status for _ in range(2)] == [200, 204]


@pytest.mark.parametrize(
    ("name", "changes", "refusal"),
    [
        ("not-a-guid", {}, (400, "RoleDefinitionIdInvalid")),
        ("acdd72a7-3385-48ef-bd42-f606fba81ae7", {}, (400, "InvalidRoleDefinitionUpdate")),
        (ROLE, {"roleName": "reader"}, (409, "RoleDefinitionWithSameNameExists")),
        (ROLE, {"roleName": ""}, (400, "RoleDefinitionNameMissing")),
        (ROLE, {"assignableScopes": []}, (400, "MissingAssignableScopes")),
    ],
)
def test_bad_definitions_are_refused(door: Any, name: str, changes: dict[str, Any], refusal: tuple[int, str]) -> None:
    """Ids, names, and the roles that are Azure's own."""
    assert door.code("PUT", definition(door, name), custom(door, **changes)) == refusal


def test_roles_are_given_at_every_depth_of_a_scope(door: Any) -> None:
    """The subscription, a group, a resource, a part of one; each is found at its own id and above."""
    vault = f"{door.group}/providers/Microsoft.KeyVault/vaults/v"
    for scope in (door.subscription, door.group, vault, f"{vault}/secrets/one"):
        url = f"{scope}/{PROVIDER}/roleAssignments/{uuid.uuid4()}?{VERSION}"
        role = {"roleDefinitionId": "4633458b-17de-408a-b874-0445c86b69e6", "principalId": SOMEBODY}
        assert door.ask("PUT", url, {"properties": role}).status == 201
        assert door.ask("GET", url).body["properties"]["scope"] == scope
    condition = f"$filter=principalId eq '{SOMEBODY}'"
    everywhere = door.ask("GET", f"{door.subscription}/{PROVIDER}/roleAssignments?{VERSION}&{condition}")
    assert len(everywhere.body["value"]) == 4
