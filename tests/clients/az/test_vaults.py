"""Vaults: made, guarded, deleted, recovered."""

from __future__ import annotations

from typing import Any

SOMEBODY = "aaaaaaaa-0000-4000-8000-000000000001"


def test_a_vault_with_access_policies(az: Any, group: str) -> None:
    """The CLI asks Graph who is signed in, and gives them everything; then somebody else a part of it."""
    create = "keyvault create --resource-group {} --name kv-cli-policies --location westus2 --retention-days 7"
    az(f"{create} --enable-rbac-authorization false", group)
    az("keyvault set-policy --name kv-cli-policies --object-id {} --secret-permissions get list", SOMEBODY)
    held = az("keyvault show --name kv-cli-policies")["properties"]["accessPolicies"]
    secrets = {one["objectId"]: one["permissions"]["secrets"] for one in held}
    assert sorted(secrets[SOMEBODY]) == ["get", "list"]  # the CLI sends a set of them, in another order each time
    assert len(held) == 2
    az("keyvault delete-policy --name kv-cli-policies --object-id {}", SOMEBODY)
    assert len(az("keyvault show --name kv-cli-policies")["properties"]["accessPolicies"]) == 1


def test_a_vault_is_deleted_recovered_and_purged(az: Any, group: str) -> None:
    """By its name alone; the CLI finds out where it is."""
    az("keyvault create --resource-group {} --name kv-cli-gone --location westus2 --retention-days 7", group)
    assert "kv-cli-gone" in [one["name"] for one in az("keyvault list")]
    az("keyvault delete --name kv-cli-gone")
    assert [one["name"] for one in az("keyvault list-deleted")] == ["kv-cli-gone"]
    az("keyvault recover --name kv-cli-gone")
    az("keyvault delete --name kv-cli-gone")
    az("keyvault purge --name kv-cli-gone")
    assert az("keyvault list-deleted") == []
