"""azure-mgmt-keyvault: vaults, access policies, deleted vaults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

SOMEBODY = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def body(azure: Any) -> dict[str, Any]:
    """A vault that access policies guard."""
    given = {
        "tenantId": azure.env["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "softDeleteRetentionInDays": 7,
        "enableRbacAuthorization": False,
        "accessPolicies": [],
    }
    return {"location": "westus2", "properties": given}


@pytest.fixture
def name(sdk: Any, vaults: Any, azure: Any, body: dict[str, Any]) -> Any:
    """A vault, deleted and purged at the end."""
    name = f"kv-{sdk.name}-one"
    sdk.poll(vaults.begin_create_or_update(azure.group, name, body))
    yield name
    sdk.done(vaults.delete(azure.group, name))
    sdk.poll(vaults.begin_purge_deleted(name, "westus2"))


def test_a_vault_is_created_read_changed_and_listed(sdk: Any, vaults: Any, azure: Any, name: str) -> None:
    """The poller ends with a vault that is ready; each list has it."""
    made = sdk.done(vaults.get(azure.group, name))
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.vault_uri == f"https://{name}.vault.azure.net/"
    changed = sdk.done(vaults.update(azure.group, name, {"tags": {"team": "render"}}))
    assert changed.tags == {"team": "render"}
    for listed in (vaults.list_by_resource_group(azure.group), vaults.list_by_subscription(), vaults.list()):
        assert made.id.lower() in [one.id.lower() for one in sdk.all(listed)]
    taken = sdk.done(vaults.check_name_availability({"name": name, "type": "Microsoft.KeyVault/vaults"}))
    assert (taken.name_available, taken.reason) == (False, "AlreadyExists")


def test_access_policies_are_added_replaced_and_removed(sdk: Any, vaults: Any, azure: Any, name: str) -> None:
    """As the last one says."""

    def held() -> dict[str, list[str]]:
        policies = sdk.done(vaults.get(azure.group, name)).properties.access_policies
        return {one.object_id: sorted(one.permissions.secrets or []) for one in policies}

    def entry(*secrets: str) -> dict[str, Any]:
        policy = {"tenantId": azure.env["AZURE_TENANT_ID"], "objectId": SOMEBODY, "permissions": {"secrets": secrets}}
        return {"properties": {"accessPolicies": [policy]}}

    for kind, given, expected in (
        ("add", entry("get"), {SOMEBODY: ["get"]}),
        ("add", entry("list"), {SOMEBODY: ["get", "list"]}),
        ("replace", entry("list"), {SOMEBODY: ["list"]}),
        ("remove", entry("list"), {}),
    ):
        sdk.done(vaults.update_access_policy(azure.group, name, kind, given))
        assert held() == expected, kind


def test_a_deleted_vault_is_found_recovered_and_purged(sdk: Any, vaults: Any, azure: Any, body: dict[str, Any]) -> None:
    """With its dates; afterwards the name is free."""
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    name = f"kv-{sdk.name}-gone"
    sdk.poll(vaults.begin_create_or_update(azure.group, name, body))
    sdk.done(vaults.delete(azure.group, name))
    deleted = sdk.done(vaults.get_deleted(name, "westus2"))
    assert deleted.properties.scheduled_purge_date - deleted.properties.deletion_date == timedelta(days=7)
    assert name in [one.name for one in sdk.all(vaults.list_deleted())]
    with pytest.raises(HttpResponseError) as taken:
        sdk.poll(vaults.begin_create_or_update(azure.group, name, body))
    assert taken.value.status_code == 409
    recover = {**body, "properties": {**body["properties"], "createMode": "recover"}}
    sdk.poll(vaults.begin_create_or_update(azure.group, name, recover))
    assert sdk.done(vaults.get(azure.group, name)).name == name
    sdk.done(vaults.delete(azure.group, name))
    sdk.poll(vaults.begin_purge_deleted(name, "westus2"))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(vaults.get_deleted(name, "westus2"))
    free = sdk.done(vaults.check_name_availability({"name": name, "type": "Microsoft.KeyVault/vaults"}))
    assert free.name_available is True
