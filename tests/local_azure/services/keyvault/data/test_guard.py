from __future__ import annotations

from datetime import timedelta

import pytest

from local_azure.services.keyvault import routes
from local_azure.services.keyvault.data.guard import DATA_ACTIONS
from local_azure.settings import Settings
from local_azure.wire.messages import Caller

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
NODE = Caller("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002", Settings().tenant)


def error(reply):
    content = reply.body["error"]
    return reply.status, content["code"], content.get("innererror", {}).get("code")


def as_node(door, path="/secrets/web"):
    return door.data("GET", path, token=door.token(door.AUDIENCE, NODE))


@pytest.mark.parametrize(
    ("host", "manager", "login", "resource"),
    [
        ("kv-c.vault.azure.net", "management.azure.com", "login.microsoftonline.com", "https://vault.azure.net"),
        (
            "kv-c.vault.usgovcloudapi.net",
            "management.usgovcloudapi.net",
            "login.microsoftonline.us",
            "https://vault.usgovcloudapi.net",
        ),
        ("kv-c.vault.azure.cn", "management.chinacloudapi.cn", "login.chinacloudapi.cn", "https://vault.azure.cn"),
    ],
)
def test_a_request_without_a_token_learns_where_to_sign_in(door, host, manager, login, resource):
    """The challenge names login host, tenant and resource of the vault's cloud."""
    door.vault("kv-c", host=manager)
    reply = door.data("POST", "/certificates/web/create", token="", host=host)
    assert (reply.status, reply.body["error"]["message"]) == (
        401,
        "AKV10000: Request is missing a Bearer or PoP token.",
    )
    expected = f'Bearer authorization="https://{login}/{door.settings.tenant}", resource="{resource}"'
    assert reply.headers["WWW-Authenticate"] == expected


def test_a_vault_does_not_answer_in_another_cloud(door):
    """The same first label under another suffix is no vault."""
    assert door.data("GET", "/secrets/web", host="kv-test.vault.azure.cn").status == 404


@pytest.mark.parametrize(
    ("audience", "message"),
    [
        ("https://management.azure.com/", "AKV10022: Invalid audience. Expected https://vault.azure.net, found: "),
        ("https://vault.usgovcloudapi.net", "AKV10022: Invalid audience."),
    ],
)
def test_a_token_for_something_else_does_not_count(door, audience, message):
    """The refusal says which audience was expected, and challenges again."""
    reply = door.data("GET", "/secrets/web", token=door.token(audience))
    assert reply.status == 401
    assert reply.body["error"]["message"].startswith(message)
    assert "WWW-Authenticate" in reply.headers


def test_a_token_of_another_tenant_does_not_count(door):
    """Nor does one that is not a token at all."""
    stranger = Caller(NODE.object_id, NODE.client_id, "99999999-0000-4000-8000-000000000009")
    refusal = door.data("GET", "/secrets", token=door.token(door.AUDIENCE, stranger))
    assert "AKV10032" in refusal.body["error"]["message"]
    assert door.data("GET", "/secrets", token="nonsense").status == 401


def test_who_has_no_access_policy_is_denied(door):
    """The refusal names caller, permission and vault."""
    reply = as_node(door)
    assert error(reply) == (403, "Forbidden", "AccessDenied")
    message = reply.body["error"]["message"]
    assert f"oid={NODE.object_id};" in message
    assert "does not have secrets get permission on key vault 'kv-test;location=westus2'" in message


def test_who_has_another_permission_is_told_so(door):
    """A policy that lacks the permission gives another inner code than no policy."""
    policies = [door.policy(NODE.object_id, {"secrets": ["list"]})]
    door.vault(method="PATCH", body={"properties": {"accessPolicies": policies}})
    assert error(as_node(door)) == (403, "Forbidden", "ForbiddenByPolicy")
    assert as_node(door, "/secrets").status == 200


def test_a_new_access_policy_takes_its_time(new_door):
    """It counts once the grant delay has passed on the clock."""
    door = new_door(settings=Settings(grant_seconds=120))
    door.vault()
    door.advance(timedelta(seconds=120))
    door.create()
    policies = [
        door.policy(door.settings.object_id, door.EVERYTHING),
        door.policy(NODE.object_id, {"secrets": ["get"]}),
    ]
    door.vault(method="PATCH", body={"properties": {"accessPolicies": policies}})
    assert error(as_node(door)) == (403, "Forbidden", "AccessDenied")
    assert door.data("GET", "/secrets/web").status == 200
    door.advance(timedelta(seconds=120))
    assert as_node(door).status == 200


def test_an_rbac_vault_goes_by_roles_and_not_by_access_policies(door):
    """The refusal names action and resource; the role at the vault's scope opens what it holds, after its delay."""
    door.create()
    policies = [door.policy(NODE.object_id, door.EVERYTHING)]
    door.vault(method="PATCH", body={"properties": {"enableRbacAuthorization": True, "accessPolicies": policies}})
    reply = as_node(door)
    assert error(reply) == (403, "Forbidden", "ForbiddenByRbac")
    message = reply.body["error"]["message"]
    assert "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'" in message
    assert "/providers/microsoft.keyvault/vaults/kv-test/secrets/web'" in message
    vault_id = door.keyvault.vaults.arm_id(door.keyvault.state.vaults["kv-test"])
    door.access.assign("c0ffee00-0000-4000-8000-000000000001", vault_id, SECRETS_USER, NODE.object_id)
    assert as_node(door).status == 200
    assert error(as_node(door, "/certificates/web")) == (403, "Forbidden", "ForbiddenByRbac")


def test_a_role_on_one_secret_opens_that_one_alone(door):
    """The scope of the check is the object, not the vault."""
    door.create()
    door.create("other")
    door.vault(method="PATCH", body={"properties": {"enableRbacAuthorization": True}})
    scope = door.keyvault.vaults.arm_id(door.keyvault.state.vaults["kv-test"]) + "/secrets/web"
    door.access.assign("c0ffee00-0000-4000-8000-000000000002", scope, SECRETS_USER, NODE.object_id)
    assert as_node(door).status == 200
    assert as_node(door, "/secrets/other").status == 403


@pytest.mark.parametrize(
    ("acls", "address", "told"),
    [
        ({"defaultAction": "Allow"}, "203.0.113.7", None),
        ({"defaultAction": "Deny"}, "203.0.113.7", "caller is not a trusted service."),
        ({"defaultAction": "Deny", "bypass": "AzureServices"}, "203.0.113.7", "caller is not a trusted service."),
        (
            {"defaultAction": "Deny", "bypass": "None"},
            "203.0.113.7",
            "caller was ignored because bypass is set to None",
        ),
        ({"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7"}]}, "203.0.113.7", None),
        ({"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]}, "198.51.100.200", None),
        (
            {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]},
            "203.0.113.7",
            "caller is not a trusted service.",
        ),
    ],
)
def test_the_firewall_looks_at_the_address(door, acls, address, told):
    """Its refusal names the address, the caller and the vault."""
    door.vault(method="PATCH", body={"properties": {"networkAcls": acls}})
    reply = door.data("GET", "/secrets", address=address)
    if told is None:
        assert reply.status == 200
        return
    assert error(reply) == (403, "Forbidden", "ForbiddenByFirewall")
    caller = f"appid={door.operator.client_id};oid={door.operator.object_id};iss=https://sts.windows.net/"
    first, second, third, fourth = reply.body["error"]["message"].split("\r\n")
    assert (first, second) == (f"Client address is not authorized and {told}", f"Client address: {address}")
    assert third.startswith(f"Caller: {caller}")
    assert fourth == "Vault: kv-test;location=westus2"


def test_the_firewall_does_not_close_the_management_plane(door):
    """Whoever locked himself out can open it again."""
    door.vault(method="PATCH", body={"properties": {"networkAcls": {"defaultAction": "Deny"}}})
    assert door.vault(method="PATCH", body={"properties": {"networkAcls": {"defaultAction": "Allow"}}}).status == 200
    assert door.data("GET", "/secrets", address="203.0.113.7").status == 200


def test_a_vault_without_public_access_is_closed(door):
    """Whatever the firewall says."""
    door.vault(method="PATCH", body={"properties": {"publicNetworkAccess": "disabled"}})
    assert error(door.data("GET", "/secrets")) == (403, "Forbidden", "ForbiddenByConnection")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "api-version must be specified"),
        ("6.9", "The specified version (6.9) is not recognized. Consider using the latest supported version (2026-04"),
    ],
)
def test_an_unknown_api_version_is_refused(door, version, message):
    """In Key Vault's words."""
    reply = door.data("GET", "/secrets", **{"api-version": version})
    assert reply.status == 400
    assert reply.body["error"]["message"].startswith(message)


def test_every_operation_of_a_vault_is_guarded_by_a_known_permission():
    """No operation is open to all, and each has its data action for RBAC."""
    tables = [table for table in routes.ALL if table.service != "keyvault-management"]
    operations = [operation for table in tables for operation in table.operations]
    assert operations
    assert [operation.name for operation in operations if operation.public] == []
    assert {operation.permission for operation in operations} <= DATA_ACTIONS.keys()
