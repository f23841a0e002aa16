"""Microsoft's own clients, unmodified, against locks, registrations and limits of Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.core.rest import HttpRequest
from azure.identity import ClientSecretCredential
from azure.mgmt.core.policies import _base as registering
from azure.mgmt.msi import ManagedServiceIdentityClient

from local_azure.serving import LocalAzure
from local_azure.settings import Settings

PROVIDER = "Microsoft.ManagedIdentity"


def connected(azure: LocalAzure) -> ManagedServiceIdentityClient:
    env = azure.env
    transport = {
        "connection_verify": env["REQUESTS_CA_BUNDLE"],
        "proxies": {"https": env["HTTPS_PROXY"], "http": env["HTTP_PROXY"]},
        "retry_total": 0,
    }
    credential = ClientSecretCredential(
        env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_CLIENT_SECRET"], **transport
    )
    return ManagedServiceIdentityClient(credential, env["AZURE_SUBSCRIPTION_ID"], **transport)


@pytest.fixture(scope="module")
def azure() -> Iterator[LocalAzure]:
    with LocalAzure(Settings(unregistered_providers=(PROVIDER,))) as running:
        yield running


@pytest.fixture(scope="module")
def group(azure: LocalAzure) -> str:
    return azure.env["AZURE_RESOURCE_GROUP"]


@pytest.fixture
def client(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagedServiceIdentityClient]:
    """A client that moves the clock where it would wait for a registration."""
    waiting = SimpleNamespace(sleep=lambda seconds: azure.advance(timedelta(seconds=seconds)))
    monkeypatch.setattr(registering, "time", waiting)
    with connected(azure) as made:
        yield made


def test_the_client_registers_a_provider_by_itself(azure: LocalAzure, client: Any, group: str) -> None:
    """As it does with Azure: refused, registered, asked until it is done, and sent again."""
    azure.forget_requests()
    made = client.user_assigned_identities.create_or_update(group, "one", {"location": "westus2"})
    assert made.name == "one"
    asked = [(entry.method, entry.status) for entry in azure.requests() if entry.host.startswith("management.")]
    assert asked == [("PUT", 409), ("POST", 200), ("GET", 200), ("PUT", 201)]


def test_a_lock_keeps_a_resource(azure: LocalAzure, client: Any, group: str) -> None:
    """The client's error has Azure's code; without the lock the same call goes through."""
    scope = f"/subscriptions/{azure.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{group}"
    lock = f"https://management.azure.com{scope}/providers/Microsoft.Authorization/locks/keep?api-version=2016-09-01"
    client.user_assigned_identities.create_or_update(group, "kept", {"location": "westus2"})
    body = {"properties": {"level": "CanNotDelete"}}
    send = client.user_assigned_identities._client.send_request
    assert send(HttpRequest("PUT", lock, json=body)).status_code == 201
    with pytest.raises(ResourceExistsError) as refusal:  # what azure-core makes of a 409
        client.user_assigned_identities.delete(group, "kept")
    assert refusal.value.error is not None
    assert refusal.value.error.code == "ScopeLocked"
    assert send(HttpRequest("DELETE", lock)).status_code == 200
    client.user_assigned_identities.delete(group, "kept")


def test_a_group_that_is_not_there(client: Any) -> None:
    """Azure Resource Manager says so before any provider is asked."""
    with pytest.raises(HttpResponseError) as refusal:
        client.user_assigned_identities.create_or_update("nowhere", "one", {"location": "westus2"})
    assert refusal.value.error is not None
    assert (refusal.value.status_code, refusal.value.error.code) == (404, "ResourceGroupNotFound")
    assert refusal.value.error.message == "Resource group 'nowhere' could not be found."


def test_the_headers_tell_what_remains(client: Any, group: str) -> None:
    """Of a read and of a write, by the names that clients look for."""
    read: dict[str, str] = {}
    list(
        client.user_assigned_identities.list_by_resource_group(
            group, raw_response_hook=lambda r: read.update(r.http_response.headers)
        )
    )
    assert 0 < int(read["x-ms-ratelimit-remaining-subscription-reads"]) < 250
    written: dict[str, str] = {}
    client.user_assigned_identities.create_or_update(
        group,
        "two",
        {"location": "westus2"},
        raw_response_hook=lambda reply: written.update(reply.http_response.headers),
    )
    assert 0 < int(written["x-ms-ratelimit-remaining-subscription-writes"]) < 200
