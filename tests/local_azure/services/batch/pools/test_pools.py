"""Pools behind Resource Manager: what they show, how they change, when they are refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from local_azure.wire.messages import Caller

pytestmark = pytest.mark.anyio

PASSWORD = "not-a-secret"
IDENTITY_MAKER = "f1a07417-d97a-45cb-824c-7a7467783830"


def identity(world, name: str) -> str:
    group = world.access.settings.resource_group
    made, _ = world.identities.put(group, name, "westus2", {})
    return world.identities.arm_id(group, made.name)


def with_identities(body: dict, *ids: str) -> dict:
    return {**body, "identity": {"type": "UserAssigned", "userAssignedIdentities": {arm_id: {} for arm_id in ids}}}


async def test_defaults_are_filled_in(world) -> None:
    """A minimal pool comes back complete, in Azure's spelling."""
    body = world.body(networkConfiguration=None, startTask=None)
    shown = world.arm("PUT", "/pools/render", body).body["properties"]
    assert shown["vmSize"] == "STANDARD_D2S_V5"
    assert shown["scaleSettings"]["fixedScale"] == {
        "targetDedicatedNodes": 1,
        "targetLowPriorityNodes": 0,
        "resizeTimeout": "PT15M",
    }
    assert shown["taskSlotsPerNode"] == 1
    assert shown["taskSchedulingPolicy"] == {"nodeFillType": "Spread"}
    assert shown["interNodeCommunication"] == "Disabled"
    image = shown["deploymentConfiguration"]["virtualMachineConfiguration"]["imageReference"]
    assert image["version"] == "latest"


async def test_a_start_task_gets_its_defaults(world) -> None:
    """Without more said, it is tried once, waited for, and runs as the pool's plain auto-user."""
    task = world.arm("PUT", "/pools/render", world.body(startTask={"commandLine": "x"})).body["properties"]["startTask"]
    assert (task["maxTaskRetryCount"], task["waitForSuccess"]) == (0, True)
    assert task["userIdentity"]["autoUser"] == {"scope": "Pool", "elevationLevel": "NonAdmin"}


async def test_no_secret_comes_back(world) -> None:
    """Passwords and protected settings are kept for the nodes and shown by neither plane."""
    await world.pool(userAccounts=[{"name": "svc", "password": PASSWORD, "elevationLevel": "Admin"}])
    shown = json.dumps([world.arm("GET", "/pools/render").body, world.data("GET", "/pools/render").body, world.nodes()])
    assert PASSWORD not in shown
    assert "protected-value" not in shown
    machine = world.machines.only()
    assert machine.spec.extensions[0]["protectedSettings"] == {"hidden": "protected-value"}
    assert (machine.users["svc"].admin, machine.users["svc"].password) == (True, PASSWORD)


async def test_the_answer_bears_etag_and_last_modified(world) -> None:
    """The header is weak, the body repeats it, and every change makes a new one."""
    reply = world.arm("PUT", "/pools/render", world.body())
    assert reply.headers["ETag"].startswith('W/"0x8D')
    assert reply.body["etag"] == reply.headers["ETag"]
    assert reply.headers["Last-Modified"].endswith("GMT")
    changed = world.arm("PATCH", "/pools/render", {"properties": {"metadata": [{"name": "a", "value": "b"}]}})
    assert changed.headers["ETag"] != reply.headers["ETag"]
    data = world.data("GET", "/pools/render")
    assert data.headers["ETag"] == changed.headers["ETag"].removeprefix('W/"').rstrip('"') == data.body["eTag"]


@pytest.mark.parametrize(
    ("exists", "headers", "status"),
    [
        (False, {"if-none-match": "*"}, 200),
        (True, {"if-none-match": "*"}, 412),
        (False, {"if-match": "*"}, 412),
        (True, {"if-match": "*"}, 200),
        (True, {"if-match": "ETAG"}, 200),
        (True, {"if-match": 'W/"0x8D000000000000"'}, 412),
    ],
)
async def test_conditions_are_obeyed(world, exists, headers, status) -> None:
    """If-None-Match: * never overwrites; If-Match writes only to the state that was read."""
    etag = world.arm("PUT", "/pools/render", world.body()).headers["ETag"] if exists else ""
    sent = {name: etag if value == "ETAG" else value for name, value in headers.items()}
    reply = world.arm("PUT", "/pools/render", world.body(), headers=sent)
    assert reply.status == status
    if status == 412:
        assert reply.body["error"]["code"] == "ConditionNotMet"


async def test_an_equal_put_changes_nothing_on_the_nodes(world) -> None:
    """Neither the body as first sent nor the body as read back, without secrets, touches a pool with nodes."""
    node = await world.pool()
    read_back = world.arm("GET", "/pools/render").body
    for body in (world.body(), {"properties": read_back["properties"]}):
        reply = world.arm("PUT", "/pools/render", body)
        assert reply.status == 200, reply.body
        assert reply.body["properties"]["allocationState"] == "Steady"
    assert world.data("GET", node).body["state"] == "idle"
    await world.pass_time(1)
    assert world.batch.pools.get(world.batch.accounts.all()[0], "render").properties["deploymentConfiguration"][
        "virtualMachineConfiguration"
    ]["extensions"][0]["protectedSettings"] == {"hidden": "protected-value"}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("name", ["deploymentConfiguration", "networkConfiguration", "vmSize", "taskSlotsPerNode"])
async def test_what_a_pool_with_nodes_keeps(world, method, name) -> None:
    """Such a change is refused while there are nodes, in the words seen from Azure, and obeyed on an empty pool."""
    other = world.machine(extensions=[world.extension(typeHandlerVersion="2.0")])
    wanted = {
        "deploymentConfiguration": {"virtualMachineConfiguration": other},
        "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [world.nat_pool(name="other")]}},
        "vmSize": "STANDARD_D4S_V5",
        "taskSlotsPerNode": 2,
    }[name]
    await world.pool()
    body = world.body(**{name: wanted}) if method == "PUT" else {"properties": {name: wanted}}
    refused = world.arm(method, "/pools/render", body)
    assert (refused.status, refused.body["error"]["code"]) == (400, "PropertyCannotBeUpdated")
    assert {"code": "PropertyName", "message": name} in refused.body["error"]["details"]
    assert world.arm(method, "/pools/render", {"properties": {}}).status == (400 if method == "PUT" else 200)
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 0})
    await world.pass_time(60)
    empty = world.body(nodes=0, **{name: wanted}) if method == "PUT" else body
    assert world.arm(method, "/pools/render", empty).status == 200


async def test_before_2024_07_01_an_empty_pool_kept_its_machines_too(world) -> None:
    """The older api-versions refuse the change that the newer ones take at zero nodes."""
    await world.pool(nodes=0)
    patch = {"properties": {"vmSize": "STANDARD_D4S_V5"}}
    assert world.arm("PATCH", "/pools/render", patch, version="2024-02-01").status == 400
    assert world.arm("PATCH", "/pools/render", patch, version="2024-07-01").status == 200


async def test_a_start_task_may_change_any_time_and_go(world) -> None:
    """PATCH replaces it; an empty object takes it away."""
    await world.pool()
    world.arm("PATCH", "/pools/render", {"properties": {"startTask": {"commandLine": "new"}}})
    assert world.properties()["startTask"]["commandLine"] == "new"
    world.arm("PATCH", "/pools/render", {"properties": {"startTask": {}}})
    assert "startTask" not in world.properties()


async def test_identities_show_their_ids_and_reach_the_machines(world) -> None:
    """The pool shows principal and client id; its machines bear the ARM ids."""
    one = identity(world, "id-one")
    reply = world.arm("PUT", "/pools/render", with_identities(world.body(), one))
    found = world.identities.find(one)
    assert reply.body["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": {one: {"principalId": found.principal_id, "clientId": found.client_id}},
    }
    await world.pass_time(30)
    assert world.machines.only().spec.identities == (one.lower(),)
    (shown,) = world.data("GET", "/pools/render").body["identity"]["userAssignedIdentities"]
    assert (shown["resourceId"], shown["clientId"]) == (one, found.client_id)


async def test_patch_adds_identities_that_machines_bear_after_the_pool_was_empty(world) -> None:
    """An identity left out stays; a new one reaches only machines made after the pool shrank to zero."""
    one, two = identity(world, "id-one"), identity(world, "id-two")
    world.arm("PUT", "/pools/render", with_identities(world.body(), one))
    await world.pass_time(30)
    patched = world.arm("PATCH", "/pools/render", with_identities({}, two))
    assert set(patched.body["identity"]["userAssignedIdentities"]) == {one, two}
    world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 2})
    await world.pass_time(30)
    assert {machine.spec.identities for machine in world.machines.made.values()} == {(one.lower(),)}
    for target in (0, 1):
        world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": target})
        await world.pass_time(30)
    assert set(world.machines.only().spec.identities) == {one.lower(), two.lower()}


async def test_identity_none_takes_them_all(world) -> None:
    """Setting None in a PATCH removes the existing identities."""
    world.arm("PUT", "/pools/render", with_identities(world.body(), identity(world, "id-one")))
    reply = world.arm("PATCH", "/pools/render", {"identity": {"type": "None"}})
    assert "identity" not in reply.body


async def test_an_identity_must_exist(world) -> None:
    """Resource Manager says which was not found; no pool is made."""
    lost = world.identities.arm_id(world.access.settings.resource_group, "lost")
    reply = world.arm("PUT", "/pools/render", with_identities(world.body(), lost))
    assert (reply.status, reply.body["error"]["code"]) == (400, "FailedIdentityOperation")
    assert lost in reply.body["error"]["message"]
    assert world.arm("GET", "/pools/render").status == 404


async def test_giving_an_identity_away_takes_the_right_to(world) -> None:
    """A contributor of the account alone may not assign an identity; with Managed Identity Operator they may."""
    account = world.batch.accounts.arm_id(world.batch.accounts.all()[0])
    one = identity(world, "id-one")
    world.access.assign("g1", account, "b24988ac-6180-42a0-ab88-20f7382dd24c", "oid-1")
    caller = Caller("oid-1", "cid-1", world.access.settings.tenant)
    body = with_identities(world.body(), one)
    refused = world.arm("PUT", "/pools/render", body, caller=caller)
    assert (refused.status, refused.body["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    world.access.assign("g2", one, IDENTITY_MAKER, "oid-1")
    assert world.arm("PUT", "/pools/render", body, caller=caller).status == 200


async def test_a_deleted_pool_is_polled_until_its_nodes_have_left(world) -> None:
    """202 with a place to poll: 202 again while nodes leave, 204 afterwards; the machines are wiped."""
    await world.pool(nodes=2)
    machines = list(world.machines.made.values())
    reply = world.arm("DELETE", "/pools/render")
    assert (reply.status, reply.headers["Retry-After"]) == (202, "1")
    place = reply.headers["Location"].partition("?")[0].removeprefix("https://management.azure.com")
    assert world.arm("GET", place).status == 202
    assert world.properties()["provisioningState"] == "Deleting"
    assert world.data("GET", "/pools/render").body["state"] == "deleting"
    assert world.arm("PUT", "/pools/render", world.body()).body["error"]["code"] == "PoolBeingDeleted"
    await world.pass_time(1)
    assert {node["state"] for node in world.nodes()} == {"leavingpool"}
    await world.pass_time(30)
    assert world.arm("GET", place).status == 204
    assert world.arm("GET", "/pools/render").body["error"]["code"] == "PoolNotFound"
    assert [machine.calls[-1] for machine in machines] == ["close wipe=True"] * 2
    assert world.arm("DELETE", "/pools/render").status == 204


async def test_a_pool_can_be_deleted_while_it_comes_up(world) -> None:
    """No machine outlives a pool that is deleted in the middle of booting."""
    world.arm("PUT", "/pools/render", world.body(nodes=3))
    await world.pass_time(5.5)
    world.arm("DELETE", "/pools/render")
    await world.pass_time(60)
    assert world.arm("GET", "/pools/render").status == 404
    assert world.machines.made == {}


async def test_an_older_operation_is_over_when_a_new_pool_has_the_name(world) -> None:
    """Polling the first pool's deletion says 204 though a pool of that name exists again."""
    await world.pool()
    place = world.arm("DELETE", "/pools/render").headers["Location"].partition("?")[0]
    await world.pass_time(30)
    await world.pool()
    assert world.arm("GET", place.removeprefix("https://management.azure.com")).status == 204


async def test_lists_are_filtered_and_paged(world) -> None:
    """maxresults, nextLink, $filter and $select hold on both planes."""
    for index in range(5):
        await world.pool(f"pool{index}", nodes=0, displayName=f"number {index}")
    first = world.arm("GET", "/pools", maxresults="2").body
    assert [row["name"] for row in first["value"]] == ["pool0", "pool1"]
    token = first["nextLink"].partition("skiptoken=")[2]
    assert [r["name"] for r in world.arm("GET", "/pools", maxresults="2", _skiptoken=token).body["value"]] == [
        "pool2",
        "pool3",
    ]
    found = world.arm("GET", "/pools", _filter="startswith(name, 'POOL3') or properties/displayName eq 'number 1'")
    assert [row["name"] for row in found.body["value"]] == ["pool1", "pool3"]
    rows = world.data("GET", "/pools", _filter="id ne 'pool0'", _select="id,state", maxresults="3").body
    assert rows["value"] == [{"id": f"pool{index}", "state": "active"} for index in (1, 2, 3)]
    assert "odata.nextLink" in rows


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"_filter": "name equals 'x'"}, "InvalidQueryParameterValue"),
        ({"_filter": "name eq"}, "InvalidQueryParameterValue"),
        ({"maxresults": "0"}, "InvalidQueryParameterValue"),
        ({"_skiptoken": "nonsense"}, "InvalidQueryParameterValue"),
    ],
)
async def test_bad_queries_are_refused(world, query, code) -> None:
    """A filter, page size or token that cannot be obeyed is named."""
    reply = world.arm("GET", "/pools", **query)
    assert (reply.status, reply.body["error"]["code"]) == (400, code)


async def test_api_versions_have_their_own_fields(world) -> None:
    """Node communication modes are shown up to 2024-07-01 and gone in 2025-06-01."""
    await world.pool(nodes=0)
    old = world.arm("GET", "/pools/render", version="2024-02-01").body["properties"]
    assert (old["targetNodeCommunicationMode"], old["currentNodeCommunicationMode"]) == ("Default", "Simplified")
    assert "targetNodeCommunicationMode" not in world.properties()
    assert world.arm("GET", "/pools/render", version="1999-01-01").body["error"]["code"] == "NoRegisteredProviderFound"


async def test_a_missing_account_is_a_missing_parent(world) -> None:
    """Resource Manager names the parent that a pool's path lacks."""
    path = world.batch.accounts.arm_id(world.batch.accounts.all()[0]).replace("batchcertlocal", "nobody")
    reply = world.arm("GET", f"{path}/pools/render")
    assert (reply.status, reply.body["error"]["code"]) == (404, "ParentResourceNotFound")


async def test_the_pool_quota_is_kept(world) -> None:
    """The hundred-and-first pool is refused."""
    for index in range(100):
        assert world.arm("PUT", f"/pools/p{index}", world.body(nodes=0)).status == 200
    reply = world.arm("PUT", "/pools/one-more", world.body(nodes=0))
    assert (reply.status, reply.body["error"]["code"]) == (409, "PoolQuotaReached")


async def test_patch_over_the_data_plane_is_spelled_its_own_way(world) -> None:
    """Lower-case words and other names lead to the same pool."""
    await world.pool()
    body = {
        "startTask": {"commandLine": "x", "userIdentity": {"autoUser": {"elevationLevel": "admin", "scope": "task"}}},
        "metadata": [{"name": "a", "value": "b"}],
    }
    assert world.data("PATCH", "/pools/render", body).status == 200
    auto_user = world.properties()["startTask"]["userIdentity"]["autoUser"]
    assert auto_user == {"elevationLevel": "Admin", "scope": "Task"}
    assert world.properties()["metadata"] == [{"name": "a", "value": "b"}]
    refused = world.data("PATCH", "/pools/render", {"taskSlotsPerNode": 2})
    assert refused.body["code"] == "PropertyCannotBeUpdated"
    assert world.data("PATCH", "/pools/render", {"targetDedicatedNodes": 9}).status == 200
    assert world.properties()["scaleSettings"]["fixedScale"]["targetDedicatedNodes"] == 1


async def test_times_are_the_clocks(world) -> None:
    """A pool made after the clock was moved bears the moved date."""
    await world.pass_time(timedelta(days=100).total_seconds())
    reply = world.arm("PUT", "/pools/render", world.body())
    assert reply.body["properties"]["creationTime"][:10] == world.clock.now().date().isoformat()


async def test_a_pool_made_over_the_data_plane_is_the_same_pool(world) -> None:
    """POST answers 201 with an ETag; both planes then show it; a second one of the name is refused."""
    machine = world.machine()
    body = {
        "id": "render",
        "vmSize": "standard_d2s_v5",
        "virtualMachineConfiguration": {**machine, "nodeAgentSKUId": machine["nodeAgentSkuId"]},
        "targetDedicatedNodes": 1,
        "resizeTimeout": "PT10M",
        "enableInterNodeCommunication": True,
        "networkConfiguration": {"endpointConfiguration": {"inboundNATPools": [world.nat_pool(protocol="tcp")]}},
        "taskSchedulingPolicy": {"nodeFillType": "pack"},
    }
    del body["virtualMachineConfiguration"]["nodeAgentSkuId"]
    made = world.data("POST", "/pools", body)
    assert made.status == 201
    assert made.headers["ETag"] == world.data("GET", "/pools/render").body["eTag"]
    shown = world.properties()
    assert shown["scaleSettings"]["fixedScale"]["resizeTimeout"] == "PT10M"
    assert shown["interNodeCommunication"] == "Enabled"
    assert shown["taskSchedulingPolicy"] == {"nodeFillType": "Pack"}
    assert shown["networkConfiguration"]["endpointConfiguration"]["inboundNatPools"][0]["protocol"] == "TCP"
    await world.pass_time(60)
    assert [node["state"] for node in world.nodes()] == ["idle"]
    assert world.data("POST", "/pools", body).body["code"] == "PoolExists"
    assert world.data("POST", "/pools", {}).body["code"] == "MissingRequiredProperty"
