"""Management locks."""

from __future__ import annotations

from typing import Any

import pytest

IDENTITY = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
VERSION = "api-version=2023-01-31"


@pytest.fixture
def identity(door: Any) -> str:
    """The ARM id of an identity in the usual group."""
    path = f"{door.group}/{IDENTITY}/one"
    assert door.ask("PUT", f"{path}?{VERSION}", {"location": "westus2"}).status == 201
    return path


def lock(door: Any, scope: str, level: str = "", *, method: str = "PUT", name: str = "keep", **more: Any) -> Any:
    path = f"{scope}/providers/Microsoft.Authorization/locks/{name}?api-version=2016-09-01"
    return door.ask(method, path, {"properties": {"level": level, **more}} if method == "PUT" else None)


def listed(door: Any, scope: str, condition: str = "") -> list[str]:
    path = f"{scope}/providers/Microsoft.Authorization/locks?api-version=2020-05-01{condition}"
    return [one["id"] for one in door.ask("GET", path).body["value"]]


def test_a_lock_lives_from_creation_to_deletion(door: Any) -> None:
    """A second PUT changes it; after its end there is nothing to read, and nothing to delete."""
    made = lock(door, door.group, "CanNotDelete", notes="ours", owners=[{"applicationId": "app"}])
    properties = {"level": "CanNotDelete", "notes": "ours", "owners": [{"applicationId": "app"}]}
    assert (made.status, made.body["properties"], made.body["name"]) == (201, properties, "keep")
    assert lock(door, door.group, "ReadOnly").status == 200
    assert lock(door, door.group, method="GET").body["properties"] == {"level": "ReadOnly"}
    assert lock(door, door.group, method="DELETE").status == 200
    assert lock(door, door.group, method="DELETE").status == 204
    gone = lock(door, door.group, method="GET")
    assert (gone.status, gone.body["error"]["code"]) == (404, "LockNotFound")


@pytest.mark.parametrize(
    "case",
    [
        ("CanNotDelete", "GET", True),
        ("CanNotDelete", "PUT", True),
        ("CanNotDelete", "PATCH", True),
        ("CanNotDelete", "DELETE", False),
        ("ReadOnly", "GET", True),
        ("ReadOnly", "PUT", False),
        ("ReadOnly", "PATCH", False),
        ("ReadOnly", "DELETE", False),
        ("NotSpecified", "DELETE", True),
    ],
)
@pytest.mark.parametrize("depth", ["subscription", "group", "resource"])
def test_what_a_lock_is_in_the_way_of(door: Any, identity: str, depth: str, case: tuple[str, str, bool]) -> None:
    """At the resource, at its group and at the subscription alike; the refusal names both scopes."""
    level, method, allowed = case
    scope = {"subscription": door.subscription, "group": door.group, "resource": identity}[depth]
    lock(door, scope, level)
    body = {"location": "westus2", "tags": {}} if method in {"PUT", "PATCH"} else None
    reply = door.ask(method, f"{identity}?{VERSION}", body)
    if allowed:
        assert reply.status == 200
        return
    what = "delete" if method == "DELETE" else "write"
    assert (reply.status, reply.body["error"]) == (
        409,
        {
            "code": "ScopeLocked",
            "message": f"The scope '{identity}' cannot perform {what} operation because following scope(s) are locked: "
            f"'{scope}'. Please remove the lock and try again.",
        },
    )


def test_a_group_with_a_locked_resource_is_not_deleted(door: Any, identity: str) -> None:
    """Every scope that is in the way is named, until no lock is left."""
    lock(door, identity, "CanNotDelete")
    lock(door, door.group, "ReadOnly", name="still")
    refused = door.ask("DELETE", f"{door.group}?api-version=2022-09-01")
    assert f"are locked: '{identity}','{door.group}'." in refused.body["error"]["message"]
    lock(door, identity, method="DELETE")
    lock(door, door.group, method="DELETE", name="still")
    assert door.ask("DELETE", f"{door.group}?api-version=2022-09-01").status == 202


def test_asking_for_keys_is_a_write_to_a_read_only_account(door: Any) -> None:
    """As for any POST: keys let their holder write."""
    account = f"{door.group}/providers/Microsoft.Batch/batchAccounts/{door.cloud.settings.batch_account}"
    lock(door, account, "ReadOnly")
    assert door.code("POST", f"{account}/listKeys?api-version=2024-02-01") == (409, "ScopeLocked")


def test_access_below_a_lock_is_not_taken_away(door: Any) -> None:
    """Role assignments are resources like others; a lock itself is changed in spite of locks."""
    role = f"{door.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    assignment = {"properties": {"roleDefinitionId": role, "principalId": "aaaaaaaa-0000-4000-8000-000000000001"}}
    path = f"{door.group}/providers/Microsoft.Authorization/roleAssignments/bbbbbbbb-0000-4000-8000-000000000001"
    assert door.ask("PUT", f"{path}?api-version=2022-04-01", assignment).status == 201
    lock(door, door.group, "ReadOnly")
    assert door.code("DELETE", f"{path}?api-version=2022-04-01") == (409, "ScopeLocked")
    assert lock(door, door.group, "CanNotDelete", name="another").status == 201


def test_locks_are_listed_at_above_and_below(door: Any, identity: str) -> None:
    """`atScope()` leaves out those below; a neighbour's are never among them."""
    for scope in (door.subscription, door.group, identity, f"{identity}x"):
        lock(door, scope, "CanNotDelete")
    ids = [
        f"{scope}/providers/Microsoft.Authorization/locks/keep" for scope in (door.subscription, door.group, identity)
    ]
    assert sorted(listed(door, identity)) == sorted(ids)
    assert sorted(listed(door, door.group, "&$filter=atScope()")) == sorted(ids[:2])
    assert len(listed(door, door.subscription)) == 4


@pytest.mark.parametrize(
    ("level", "more", "named"),
    [("Forever", {}, "level"), ("", {}, "level"), ("ReadOnly", {"notes": "x" * 513}, "notes")],
)
def test_a_lock_that_azure_does_not_know_is_refused(door: Any, level: str, more: dict[str, Any], named: str) -> None:
    """The refusal names the property."""
    refused = lock(door, door.group, level, **more)
    assert (refused.status, f"'{named}'" in refused.body["error"]["message"]) == (400, True)


def test_locks_are_for_owners(door: Any) -> None:
    """A contributor can do everything in the subscription but that."""
    caller = type(door.operator)(
        "cccccccc-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-000000000001", door.operator.tenant
    )
    door.cloud.access.assign(
        "eeeeeeee-0000-4000-8000-000000000001",
        door.subscription,
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        caller.object_id,
    )
    path = f"{door.group}/providers/Microsoft.Authorization/locks/keep?api-version=2016-09-01"
    assert door.code("PUT", path, {"properties": {"level": "ReadOnly"}}, caller=caller) == (403, "AuthorizationFailed")
