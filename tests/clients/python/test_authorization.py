"""azure-mgmt-authorization: role assignments and role definitions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


@pytest.fixture(scope="session")
def roles(sdk: Any, credential: Any, azure: Any) -> Any:
    return sdk.client("azure.mgmt.authorization.AuthorizationManagementClient", credential, azure.subscription)


@pytest.fixture(scope="session")
def scope(azure: Any) -> str:
    return f"/subscriptions/{azure.subscription}/resourceGroups/{azure.group}"


@pytest.fixture
def principal(sdk: Any, credential: Any, azure: Any) -> Iterator[str]:
    """The principal of a fresh identity."""
    client = sdk.client("azure.mgmt.msi.ManagedServiceIdentityClient", credential, azure.subscription)
    identities, name = client.user_assigned_identities, f"granted-{sdk.name}"
    yield sdk.done(identities.create_or_update(azure.group, name, {"location": "westus2"})).principal_id
    sdk.done(identities.delete(azure.group, name))


def definition(azure: Any, role: str) -> str:
    return f"/subscriptions/{azure.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def grant(azure: Any, principal: str) -> dict[str, Any]:
    return {
        "role_definition_id": definition(azure, SECRETS_USER),
        "principal_id": principal,
        "principal_type": "ServicePrincipal",
    }


def test_a_role_is_given_found_and_taken_away(sdk: Any, roles: Any, azure: Any, scope: str, principal: str) -> None:
    """Found by name, by id, and in the lists of every scope above."""
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    name = str(uuid.uuid4())
    made = sdk.done(roles.role_assignments.create(scope, name, grant(azure, principal)))
    assert (made.scope, made.principal_id) == (scope, principal)
    with pytest.raises(ResourceExistsError) as exists:
        sdk.done(roles.role_assignments.create(scope, str(uuid.uuid4()), grant(azure, principal)))
    assert exists.value.error.code == "RoleAssignmentExists"
    assert (
        sdk.done(roles.role_assignments.get(scope, name)).id == sdk.done(roles.role_assignments.get_by_id(made.id)).id
    )
    chosen = f"principalId eq '{principal}'"
    for listed in (
        roles.role_assignments.list_for_scope(scope, filter=chosen),
        roles.role_assignments.list_for_resource_group(azure.group, filter=chosen),
        roles.role_assignments.list_for_subscription(filter=chosen),
    ):
        assert [one.id for one in sdk.all(listed)] == [made.id]
    sdk.done(roles.role_assignments.delete(scope, name))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(roles.role_assignments.get(scope, name))


def test_a_role_on_one_resource(sdk: Any, roles: Any, azure: Any, scope: str, principal: str) -> None:
    """Given and removed by its whole id; listed for that resource."""
    account = azure.env["AZURE_BATCH_ACCOUNT"]
    resource = f"{scope}/providers/Microsoft.Batch/batchAccounts/{account}"
    role_id = f"{resource}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    sdk.done(roles.role_assignments.create_by_id(role_id, grant(azure, principal)))
    listed = roles.role_assignments.list_for_resource(azure.group, "Microsoft.Batch", "batchAccounts", account)
    assert role_id in [one.id for one in sdk.all(listed)]
    assert sdk.done(roles.role_assignments.delete_by_id(role_id)).id == role_id


def test_built_in_roles(sdk: Any, roles: Any, azure: Any, scope: str) -> None:
    """By name and by id, with what they allow."""
    (found,) = sdk.all(roles.role_definitions.list(scope, filter="roleName eq 'Key Vault Secrets User'"))
    assert found.name == SECRETS_USER
    again = sdk.done(roles.role_definitions.get(scope, SECRETS_USER))
    by_id = sdk.done(roles.role_definitions.get_by_id(definition(azure, SECRETS_USER)))
    assert again.id == by_id.id == found.id
    assert "Microsoft.KeyVault/vaults/secrets/getSecret/action" in by_id.permissions[0].data_actions


def test_a_custom_role(sdk: Any, roles: Any, scope: str) -> None:
    """Made, listed among its kind, removed."""
    name = str(uuid.uuid4())
    body = {
        "role_name": f"Farm Reader {sdk.name}",
        "role_type": "CustomRole",
        "assignable_scopes": [scope],
        "permissions": [{"actions": ["*/read"]}],
    }
    made = sdk.done(roles.role_definitions.create_or_update(scope, name, body))
    assert (made.role_type, made.assignable_scopes) == ("CustomRole", [scope])
    assert name in [one.name for one in sdk.all(roles.role_definitions.list(scope, filter="type eq 'CustomRole'"))]
    sdk.done(roles.role_definitions.delete(scope, name))
    assert name not in [one.name for one in sdk.all(roles.role_definitions.list(scope))]
