"""azure-mgmt-msi: every operation."""

from __future__ import annotations

from typing import Any

import pytest

TRUST = {
    "issuer": "https://oidc.example.com/cluster",
    "subject": "system:serviceaccount:farm:render",
    "audiences": ["api://AzureADTokenExchange"],
}


@pytest.fixture(scope="session")
def msi(sdk: Any, credential: Any, azure: Any) -> Any:
    return sdk.client("azure.mgmt.msi.ManagedServiceIdentityClient", credential, azure.subscription)


@pytest.fixture
def name(sdk: Any, msi: Any, azure: Any) -> Any:
    """An identity, removed at the end."""
    name = f"mine-{sdk.name}"
    made = sdk.done(msi.user_assigned_identities.create_or_update(azure.group, name, {"location": "westus2"}))
    assert made.name == name
    yield name
    sdk.done(msi.user_assigned_identities.delete(azure.group, name))


def test_an_identity_is_read_changed_and_listed(sdk: Any, msi: Any, azure: Any, name: str) -> None:
    """Its ids never change; a change of tags is seen in each list."""
    identities = msi.user_assigned_identities
    before = sdk.done(identities.get(azure.group, name))
    changed = sdk.done(identities.update(azure.group, name, {"tags": {"team": "render"}}))
    again = sdk.done(identities.create_or_update(azure.group, name, {"location": "westus2", "tags": {"team": "light"}}))
    assert {one.principal_id for one in (before, changed, again)} == {before.principal_id}
    assert {one.client_id for one in (before, changed, again)} == {before.client_id}
    for listed in (identities.list_by_resource_group(azure.group), identities.list_by_subscription()):
        (found,) = (one for one in sdk.all(listed) if one.name == name)
        assert (found.id, found.tags) == (before.id, {"team": "light"})


def test_an_identity_is_removed(sdk: Any, msi: Any, azure: Any) -> None:
    """Removing it again is no error, reading it is."""
    from azure.core.exceptions import ResourceNotFoundError

    identities, name = msi.user_assigned_identities, f"going-{sdk.name}"
    sdk.done(identities.create_or_update(azure.group, name, {"location": "westus2"}))
    for _ in range(2):
        sdk.done(identities.delete(azure.group, name))
    with pytest.raises(ResourceNotFoundError) as lost:
        sdk.done(identities.get(azure.group, name))
    assert lost.value.error.code == "ResourceNotFound"


def test_federated_credentials(sdk: Any, msi: Any, azure: Any, name: str) -> None:
    """Created, read, replaced, listed, removed."""
    credentials = msi.federated_identity_credentials
    made = sdk.done(credentials.create_or_update(azure.group, name, "cluster", TRUST))
    assert (made.issuer, made.subject, made.audiences) == tuple(TRUST.values())
    sdk.done(credentials.create_or_update(azure.group, name, "cluster", {**TRUST, "subject": "other"}))
    assert sdk.done(credentials.get(azure.group, name, "cluster")).subject == "other"
    assert [one.name for one in sdk.all(credentials.list(azure.group, name))] == ["cluster"]
    sdk.done(credentials.delete(azure.group, name, "cluster"))
    assert sdk.all(credentials.list(azure.group, name)) == []


def test_the_system_assigned_identity_of_the_machine(sdk: Any, msi: Any, azure: Any) -> None:
    """At the machine's scope, which the instance metadata name; elsewhere there is none."""
    from azure.core.exceptions import ResourceNotFoundError

    machine = (
        f"/subscriptions/{azure.subscription}/resourceGroups/{azure.group}/providers/Microsoft.Compute/virtualMachines"
    )
    found = sdk.done(msi.system_assigned_identities.get_by_scope(f"{machine}/workstation"))
    assert (found.name, found.tenant_id) == ("default", azure.env["AZURE_TENANT_ID"])
    assert found.principal_id
    with pytest.raises(ResourceNotFoundError):
        sdk.done(msi.system_assigned_identities.get_by_scope(f"{machine}/another"))


def test_the_operations_are_listed(sdk: Any, msi: Any) -> None:
    """Each with what it is shown as."""
    operations = {one.name: one for one in sdk.all(msi.operations.list())}
    assert operations["Microsoft.ManagedIdentity/userAssignedIdentities/read"].display.operation == "Read"
