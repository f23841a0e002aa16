"""Batch accounts, and what Batch offers in a region."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.anyio


def path(world, name: str) -> str:
    settings = world.access.settings
    group = f"/subscriptions/{settings.subscription}/resourceGroups/{settings.resource_group}"
    return f"{group}/providers/Microsoft.Batch/batchAccounts/{name}"


def location(world, rest: str, region: str = "westus2") -> str:
    return f"/subscriptions/{world.access.settings.subscription}/providers/Microsoft.Batch/locations/{region}/{rest}"


async def test_a_new_service_holds_the_settings_account(world) -> None:
    """The account is there, with an endpoint that has no scheme, its quotas and no identity."""
    shown = world.arm("GET", "").body
    assert shown["properties"]["accountEndpoint"] == "batchcertlocal.westus2.batch.azure.com"
    assert shown["properties"]["poolAllocationMode"] == "BatchService"
    assert shown["properties"]["provisioningState"] == "Succeeded"
    assert shown["properties"]["poolQuota"] == 100
    assert shown["identity"] == {"type": "None"}


async def test_an_account_is_created_by_polling(world) -> None:
    """202 with a place to poll, which then answers 200 with the account; a second PUT answers 200 at once."""
    body = {"location": "East US", "tags": {"team": "render"}}
    made = world.arm("PUT", path(world, "second1"), body)
    assert (made.status, made.headers["Retry-After"]) == (202, "1")
    place = made.headers["Location"].partition("?")[0].removeprefix("https://management.azure.com")
    polled = world.arm("GET", place)
    assert polled.status == 200
    assert polled.body["properties"]["accountEndpoint"] == "second1.eastus.batch.azure.com"
    assert polled.body["tags"] == {"team": "render"}
    assert world.arm("PUT", path(world, "second1"), body).status == 200
    names = {row["name"] for row in world.arm("GET", path(world, "")).body["value"]}
    assert names == {"batchcertlocal", "second1"}


@pytest.mark.parametrize(
    ("name", "body", "refusal"),
    [
        ("ab", {"location": "westus2"}, (400, "InvalidAccountName")),
        ("Upper1", {"location": "westus2"}, (400, "InvalidAccountName")),
        ("moonbase", {"location": "moon"}, (400, "LocationNotAvailableForResourceType")),
        ("nowhere", {}, (400, "LocationRequired")),
        ("batchcertlocal", {"location": "eastus"}, (409, "InvalidResourceLocation")),
    ],
)
async def test_accounts_that_are_refused(world, name, body, refusal) -> None:
    """Names, regions and moves that Azure refuses."""
    reply = world.arm("PUT", path(world, name), body)
    assert (reply.status, reply.body["error"]["code"]) == refusal


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("usgovvirginia", "gov1acc.usgovvirginia.batch.usgovcloudapi.net"),
        ("chinanorth3", "gov1acc.chinanorth3.batch.chinacloudapi.cn"),
    ],
)
async def test_sovereign_regions_have_their_own_endpoints(world, region, endpoint) -> None:
    """The endpoint follows the region's cloud, is served, and takes that cloud's audience."""
    world.arm("PUT", path(world, "gov1acc"), {"location": region})
    assert world.arm("GET", path(world, "gov1acc")).body["properties"]["accountEndpoint"] == endpoint
    assert world.router.serves(endpoint)
    assert world.ask(endpoint, "GET", "/pools", audience="https://batch.core.usgovcloudapi.net").status == 200
    assert f"*.{endpoint.partition('.')[2]}" in world.router.hosts()


async def test_keys_are_listed_and_renewed_one_at_a_time(world) -> None:
    """regenerateKeys changes the named key alone."""
    before = world.arm("POST", "/listKeys").body
    after = world.arm("POST", "/regenerateKeys", {"keyName": "Secondary"}).body
    assert after["accountName"] == "batchcertlocal"
    assert after["primary"] == before["primary"]
    assert after["secondary"] != before["secondary"]
    assert world.arm("POST", "/regenerateKeys", {"keyName": "Third"}).status == 400


async def test_patch_changes_what_it_names(world) -> None:
    """Tags and public network access change; the allocation mode stays."""
    patch = {"tags": {"a": "b"}, "properties": {"publicNetworkAccess": "Disabled"}}
    shown = world.arm("PATCH", "", patch).body
    assert shown["tags"] == {"a": "b"}
    assert shown["properties"]["publicNetworkAccess"] == "Disabled"
    assert shown["properties"]["poolAllocationMode"] == "BatchService"


async def test_a_deleted_account_takes_its_pools_along(world) -> None:
    """It is leaving while its nodes are, and then it is gone, with its machines."""
    await world.pool()
    reply = world.arm("DELETE", "")
    place = reply.headers["Location"].partition("?")[0].removeprefix("https://management.azure.com")
    assert reply.status == 202
    assert world.arm("GET", place).status == 202
    assert world.arm("GET", "").body["properties"]["provisioningState"] == "Deleting"
    await world.pass_time(30)
    assert world.arm("GET", place).status == 204
    assert world.arm("GET", "").status == 404
    assert world.machines.made == {}
    assert world.arm("DELETE", "").status == 204


async def test_a_deleted_group_takes_its_accounts_along(world) -> None:
    """Nothing of a resource group's accounts is left once their nodes have gone."""
    await world.pool()
    world.groups.delete(world.access.settings.resource_group)
    await world.pass_time(30)
    assert world.batch.state.accounts == {}
    assert world.machines.made == {}


async def test_quotas_and_names_of_a_region(world) -> None:
    """How many accounts there may be, and whether a name can be had."""
    assert world.arm("GET", location(world, "quotas")).body["accountQuota"] > 0
    assert world.arm("GET", location(world, "quotas", "moon")).status == 404
    for name, expected in (("fresh1", None), ("batchcertlocal", "AlreadyExists"), ("No", "Invalid")):
        body = {"name": name, "type": "Microsoft.Batch/batchAccounts"}
        found = world.arm("POST", location(world, "checkNameAvailability"), body).body
        assert found["nameAvailable"] == (expected is None)
        assert found.get("reason") == expected


async def test_the_sizes_of_a_region(world) -> None:
    """Sizes come with their capabilities, retired ones with their date, filtered and in pages."""
    rows = world.arm("GET", location(world, "virtualMachineSkus"), _filter="familyName eq 'standardDSv2Family'").body
    assert {row["name"] for row in rows["value"]} == {f"Standard_DS{n}_v2" for n in range(1, 6)}
    assert all("batchSupportEndOfLife" in row for row in rows["value"])
    first = world.arm("GET", location(world, "virtualMachineSkus"), maxresults="3").body
    assert len(first["value"]) == 3
    assert "nextLink" in first
    cores = {pair["name"]: pair["value"] for pair in first["value"][0]["capabilities"]}
    assert cores["vCPUs"] == "1"


async def test_a_storage_account_tells_when_its_keys_were_synchronized(world) -> None:
    """AutoStorageProperties requires lastKeySync: the time at which the storage account was given."""
    storage = {"storageAccountId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"}
    world.arm("PATCH", path(world, "batchcertlocal"), {"properties": {"autoStorage": storage}})
    shown = world.arm("GET", "").body["properties"]["autoStorage"]
    assert shown["storageAccountId"] == storage["storageAccountId"]
    assert shown["lastKeySync"].startswith(f"{world.clock.now():%Y-%m-%dT%H:%M}")


async def test_an_account_with_an_identity_of_its_own_names_it(world) -> None:
    """A system-assigned identity has a principal, which stays the same, in the subscription's tenant."""
    world.arm("PATCH", path(world, "batchcertlocal"), {"identity": {"type": "SystemAssigned"}})
    first, again = (world.arm("GET", "").body["identity"] for _ in range(2))
    assert first == again
    assert (first["type"], first["tenantId"]) == ("SystemAssigned", world.access.settings.tenant)
    assert first["principalId"]
