"""Federated credentials of an identity, and the identity of a machine."""

from __future__ import annotations

from typing import Any

import pytest

VERSION = "?api-version=2024-11-30"
RIGHT = {
    "issuer": "https://oidc.example.com/one",
    "subject": "system:serviceaccount:ns:sa",
    "audiences": ["api://AzureADTokenExchange"],
}


@pytest.fixture
def credentials(door: Any) -> str:
    identity = f"{door.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"
    assert door.ask("PUT", f"{identity}{VERSION}", {"location": "westus2"}).status == 201
    return f"{identity}/federatedIdentityCredentials"


def test_a_credential_lives_from_creation_to_deletion(door: Any, credentials: str) -> None:
    """Created, replaced, listed, kept when the identity's tags change, removed."""
    one = f"{credentials}/one{VERSION}"
    assert door.ask("PUT", one, {"properties": RIGHT}).status == 201
    changed = door.ask("PUT", one, {"properties": {**RIGHT, "subject": "other"}})
    assert (changed.status, changed.body["properties"]["subject"]) == (200, "other")
    identity = credentials.rpartition("/")[0]
    door.ask("PATCH", f"{identity}{VERSION}", {"tags": {"a": "b"}})
    assert [found["name"] for found in door.ask("GET", f"{credentials}{VERSION}").body["value"]] == ["one"]
    assert [door.ask("DELETE", one).status for _ in range(2)] == [200, 204]
    assert door.code("GET", one) == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a", {}),
        ("-one", {}),
        ("one", {"issuer": "http://oidc.example.com/"}),
        ("one", {"subject": ""}),
        ("one", {"subject": "repo:*"}),
        ("one", {"audiences": []}),
        ("one", {"audiences": ["a", "b"]}),
    ],
)
def test_bad_credentials_are_refused(door: Any, credentials: str, name: str, changes: dict[str, Any]) -> None:
    """Names, addresses, wildcards, the number of audiences."""
    asked = ("PUT", f"{credentials}/{name}{VERSION}", {"properties": {**RIGHT, **changes}})
    assert door.code(*asked) == (400, "BadRequest")


def test_issuer_and_subject_are_had_once_and_twenty_credentials_at_most(door: Any, credentials: str) -> None:
    """The limits of one identity."""
    for index in range(20):
        body = {"properties": {**RIGHT, "subject": f"s{index}"}}
        assert door.ask("PUT", f"{credentials}/c{index:02}{VERSION}", body).status == 201
    assert door.code("PUT", f"{credentials}/c00{VERSION}", {"properties": {**RIGHT, "subject": "s1"}}) == (
        409,
        "Conflict",
    )
    assert door.code("PUT", f"{credentials}/c20{VERSION}", {"properties": RIGHT}) == (400, "BadRequest")


def test_the_machine_has_an_identity_of_its_own(door: Any) -> None:
    """It is read at the machine's scope; other resources have none."""
    settings = door.cloud.settings
    default = f"providers/Microsoft.ManagedIdentity/identities/default{VERSION}"
    machine = f"{door.group}/providers/Microsoft.Compute/virtualMachines/{settings.machine}"
    found = door.ask("GET", f"{machine}/{default}").body
    assert found["properties"]["principalId"] == settings.machine_object_id
    assert door.code("GET", f"{machine}2/{default}") == (404, "ResourceNotFound")


def test_the_operations_are_those_that_are_served(door: Any) -> None:
    """Each with what it is shown as."""
    listed = door.ask("GET", f"/providers/Microsoft.ManagedIdentity/operations{VERSION}").body["value"]
    names = [operation["name"] for operation in listed]
    assert "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write" in names
    assert len(names) == len(set(names))
