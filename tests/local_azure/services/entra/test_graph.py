"""Microsoft Graph says who a principal is."""

from __future__ import annotations

from typing import Any

GRAPH = "https://graph.microsoft.com/v1.0"


def test_a_service_principal_is_found_by_its_names_and_its_id(door: Any) -> None:
    """The lambda filter of the az CLI, a plain comparison, and the object id itself."""
    client = door.operator.client_id
    for condition in (f"servicePrincipalNames/any(c:c eq '{client}')", f"appId eq '{client.upper()}'"):
        (found,) = door.ask("GET", f"{GRAPH}/servicePrincipals?$filter={condition}").body["value"]
        assert found["id"] == door.operator.object_id
    shown = door.ask("GET", f"{GRAPH}/servicePrincipals/{door.operator.object_id}").body
    assert (shown["appId"], shown["servicePrincipalType"]) == (client, "Application")
    assert door.code("GET", f"{GRAPH}/servicePrincipals/nobody") == (404, "Request_ResourceNotFound")
    assert door.code("GET", f"{GRAPH}/servicePrincipals?$filter=x lt 3") == (400, "Request_UnsupportedQuery")


def test_managed_identities_are_service_principals(door: Any) -> None:
    """In bulk by id, with the type that tells the az CLI what they are; unknown ids are left out."""
    identity, _ = door.cloud.identities.put(door.cloud.settings.resource_group, "mine", "westus2", {})
    ids = [identity.principal_id, door.cloud.settings.machine_object_id, "aaaaaaaa-0000-4000-8000-000000000001"]
    found = door.ask("POST", f"{GRAPH}/directoryObjects/getByIds", {"ids": ids}).body["value"]
    assert {(one["displayName"], one["servicePrincipalType"]) for one in found} == {
        ("mine", "ManagedIdentity"),
        (door.cloud.settings.machine, "ManagedIdentity"),
    }
    assert {one["@odata.type"] for one in found} == {"#microsoft.graph.servicePrincipal"}


def test_an_application_is_not_me(door: Any) -> None:
    """`/me` is for people; users and groups there are none."""
    reply = door.ask("GET", f"{GRAPH}/me")
    assert (reply.status, reply.body["error"]["message"]) == (
        400,
        "/me request is only valid with delegated authentication flow.",
    )
    assert door.ask("GET", f"{GRAPH}/users?$filter=userPrincipalName eq 'a@b'").body["value"] == []


def test_graph_wants_its_own_token(door: Any) -> None:
    """A token for Azure Resource Manager does not count."""
    token = door.cloud.tokens.issue(door.operator, "https://management.azure.com", "x")
    refused = door.ask("GET", f"{GRAPH}/servicePrincipals", headers={"authorization": f"Bearer {token}"})
    assert (refused.status, refused.body["error"]["code"]) == (401, "InvalidAuthenticationToken")
