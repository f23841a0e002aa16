from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local_azure.services.keyvault.state.vaults import AccessPolicy
from local_azure.services.keyvault.vaults.access_policies import (
    added,
    allows,
    read_access_policies,
    removed,
    replaced,
    swapped,
)
from local_azure.wire.messages import AzureError, Caller

TENANT = "7ad1c0de-0000-4000-8000-00000000e7a0"
APP, OTHER_APP = "cccccccc-0000-4000-8000-000000000003", "dddddddd-0000-4000-8000-000000000004"
ANN, BOB = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def caller(object_id):
    return Caller(object_id, APP, TENANT)


def policy(object_id, **permissions):
    return AccessPolicy(TENANT, object_id, "", permissions)


def held(policies):
    return {one.object_id: one.permissions for one in policies}


@pytest.mark.parametrize(
    ("given", "asked", "allowed"),
    [
        ({"secrets": ["get"]}, "secrets/get", True),
        ({"secrets": ["Get"]}, "secrets/get", True),
        ({"secrets": ["get"]}, "secrets/list", False),
        ({"secrets": ["get"]}, "certificates/get", False),
        ({"secrets": ["all"]}, "secrets/list", True),
        ({"secrets": ["ALL"]}, "secrets/delete", True),
        ({"secrets": ["all"]}, "secrets/purge", False),
        ({"secrets": ["all", "purge"]}, "secrets/purge", True),
        ({}, "secrets/get", False),
    ],
)
def test_what_a_policy_allows(given, asked, allowed):
    """Case does not count; `all` is everything of its kind but purge."""
    policies = replaced([], [policy(ANN, **given)], NOW)
    assert allows(policies, caller(ANN.upper()), asked, NOW) is allowed
    assert not allows(policies, caller(BOB), asked, NOW)


@pytest.mark.parametrize(("application", "allowed"), [("", True), (APP, True), (OTHER_APP, False)])
def test_a_policy_may_be_for_one_application_alone(application, allowed):
    """A principal that comes with another application has no use of it."""
    given = AccessPolicy(TENANT, ANN, application, {"secrets": ["get"]})
    assert allows(replaced([], [given], NOW), caller(ANN), "secrets/get", NOW) is allowed


def test_only_what_is_new_waits_to_take_effect():
    """A policy that is written again with more holds the old permissions throughout."""
    first = replaced([], [policy(ANN, secrets=["get"])], NOW)
    second = replaced(first, [policy(ANN, secrets=["get", "list"])], NOW + timedelta(minutes=5))
    assert allows(second, caller(ANN), "secrets/get", NOW)
    assert not allows(second, caller(ANN), "secrets/list", NOW + timedelta(minutes=4))
    assert allows(second, caller(ANN), "secrets/list", NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("merge", "after"),
    [
        (added, {ANN: {"secrets": ["get", "list", "set"], "certificates": ["get"]}, BOB: {"secrets": ["get"]}}),
        (swapped, {ANN: {"secrets": ["List", "set"], "certificates": ["get"]}, BOB: {"secrets": ["get"]}}),
        (removed, {ANN: {"secrets": ["get"]}}),
    ],
)
def test_add_replace_and_remove_touch_the_named_principals_alone(merge, after):
    """What the three kinds of access policy update leave."""
    old = [policy(ANN, secrets=["get", "list"])]
    given = [policy(ANN, secrets=["List", "set"], certificates=["get"]), policy(BOB, secrets=["get"])]
    assert held(merge(old, given)) == after


def test_removing_the_last_permission_removes_the_policy():
    """A principal without permissions is not listed."""
    assert removed([policy(ANN, secrets=["get"])], [policy(ANN, secrets=["GET"])]) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"objectId": ANN, "permissions": {}},
        {"tenantId": TENANT, "permissions": {}},
        {"tenantId": TENANT, "objectId": "somebody", "permissions": {}},
        {"tenantId": BOB, "objectId": ANN, "permissions": {}},
        {"tenantId": TENANT, "objectId": ANN},
        {"tenantId": TENANT, "objectId": ANN, "permissions": {"secrets": ["fly"]}},
        {"tenantId": TENANT, "objectId": ANN, "permissions": {"secrets": "get"}},
        {"tenantId": TENANT, "objectId": ANN, "permissions": {"wishes": ["get"]}},
        "not an object",
    ],
)
def test_a_bad_policy_is_refused(entry):
    """Ids are GUIDs, the tenant is the vault's, and permissions are known ones."""
    with pytest.raises(AzureError, match="An invalid value was provided"):
        read_access_policies([entry], TENANT)


def test_policies_are_added_through_the_vault(door):
    """The answer to accessPolicies/add is the list that results."""
    path = f"/resourceGroups/{door.settings.resource_group}/providers/Microsoft.KeyVault/vaults/kv-test/accessPolicies"
    body = {"properties": {"accessPolicies": [door.policy(ANN, {"secrets": ["get", "list"]})]}}
    reply = door.arm("PUT", f"{path}/add", body)
    assert [entry["objectId"] for entry in reply.body["properties"]["accessPolicies"]] == [
        door.settings.object_id,
        ANN,
    ]
    assert reply.body["id"].endswith("/vaults/kv-test/accessPolicies/")
    door.arm("PUT", f"{path}/remove", body)
    assert len(door.vault(method="GET").body["properties"]["accessPolicies"]) == 1
    assert door.arm("PUT", f"{path}/forget", body).status == 400
    assert door.arm("PUT", f"{path}/add", {"properties": {}}).status == 400
