"""Registration of the subscription with resource providers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local_azure.settings import Settings
from local_azure.wire.messages import Caller

VERSION = "api-version=2022-09-01"
IDENTITY = "providers/Microsoft.ManagedIdentity/userAssignedIdentities/one?api-version=2023-01-31"
VAULT = "providers/Microsoft.KeyVault/vaults/kv-one?api-version=2023-07-01"
BATCH = "providers/Microsoft.Batch/batchAccounts/one?api-version=2024-02-01"


@pytest.fixture
def bare(new_door: Any, tmp_path: Path) -> Any:
    """An Azure whose subscription is registered with no provider that asks for it."""
    names = ("Microsoft.Batch", "Microsoft.KeyVault", "Microsoft.ManagedIdentity")
    return new_door(Settings(unregistered_providers=names), tmp_path)


def provider(door: Any, name: str, verb: str = "", **asked: Any) -> Any:
    path = f"{door.subscription}/providers/{name}" + (f"/{verb}" if verb else "")
    return door.ask("POST" if verb else "GET", f"{path}?{VERSION}", **asked)


def test_all_is_registered_unless_the_settings_say_otherwise(door: Any) -> None:
    """A new embedded Azure asks nobody to register."""
    listed = door.ask("GET", f"{door.subscription}/providers?{VERSION}").body["value"]
    assert {one["namespace"]: one["registrationState"] for one in listed} == {
        "Microsoft.Authorization": "Registered",
        "Microsoft.Batch": "Registered",
        "Microsoft.KeyVault": "Registered",
        "Microsoft.ManagedIdentity": "Registered",
        "Microsoft.Resources": "Registered",
    }


@pytest.mark.parametrize(
    ("path", "namespace"),
    [(IDENTITY, "Microsoft.ManagedIdentity"), (VAULT, "Microsoft.KeyVault"), (BATCH, "Microsoft.Batch")],
)
def test_nothing_is_created_with_a_provider_that_is_not_registered(bare: Any, path: str, namespace: str) -> None:
    """The refusal's details name the provider, for clients that register by themselves."""
    reply = bare.ask("PUT", f"{bare.group}/{path}", {"location": "westus2"})
    error = reply.body["error"]
    assert (reply.status, error["code"]) == (409, "MissingSubscriptionRegistration")
    assert error["message"].startswith(f"The subscription is not registered to use namespace '{namespace}'.")
    assert [(one["code"], one["target"]) for one in error["details"]] == [(error["code"], namespace)]


def test_what_needs_no_registration_goes_on(bare: Any) -> None:
    """Resource groups and role assignments; and reading, whatever it is."""
    assert bare.ask("PUT", f"{bare.subscription}/resourceGroups/new?{VERSION}", {"location": "westus2"}).status == 201
    role = f"{bare.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    assignment = {"properties": {"roleDefinitionId": role, "principalId": "aaaaaaaa-0000-4000-8000-000000000001"}}
    name = "bbbbbbbb-0000-4000-8000-000000000001"
    path = f"{bare.group}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01"
    assert bare.ask("PUT", path, assignment).status == 201
    assert bare.code("GET", f"{bare.group}/{VAULT}") == (404, "ResourceNotFound")


@pytest.mark.anyio
async def test_registering_takes_a_while_and_lets_creations_through(bare: Any) -> None:
    """The state goes from NotRegistered over Registering to Registered, on the clock."""
    assert provider(bare, "microsoft.managedidentity").body["registrationState"] == "NotRegistered"
    assert provider(bare, "Microsoft.ManagedIdentity", "register").body["registrationState"] == "Registering"
    assert bare.ask("PUT", f"{bare.group}/{IDENTITY}", {"location": "westus2"}).status == 201
    await bare.cloud.clock.advance(timedelta(minutes=1))
    assert provider(bare, "Microsoft.ManagedIdentity").body["registrationState"] == "Registered"
    assert provider(bare, "Microsoft.ManagedIdentity", "register").body["registrationState"] == "Registered"


def test_a_provider_with_resources_stays_registered(door: Any) -> None:
    """Without any it goes, and nothing more is created."""
    path = f"{door.group}/{IDENTITY}"
    door.ask("PUT", path, {"location": "westus2"})
    assert provider(door, "Microsoft.ManagedIdentity", "unregister").status == 409
    door.ask("DELETE", path)
    assert provider(door, "Microsoft.ManagedIdentity", "unregister").body["registrationState"] == "Unregistered"
    assert door.code("PUT", path, {"location": "westus2"}) == (409, "MissingSubscriptionRegistration")


def test_an_unknown_provider_and_a_caller_without_a_role_are_refused(door: Any) -> None:
    """Registering is an action of the provider's own."""
    assert provider(door, "Microsoft.Nothing").status == 404
    stranger = Caller(
        "cccccccc-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-000000000001", door.operator.tenant
    )
    refused = provider(door, "Microsoft.Batch", "register", caller=stranger)
    assert (refused.status, refused.body["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.Batch/register/action'" in refused.body["error"]["message"]
