from __future__ import annotations

from typing import Any

import pytest

NAME_TAKEN_BY_DELETED = "A vault with the same name already exists in deleted state."


def test_a_new_vault_registers_its_name_and_is_ready_at_the_next_look(door):
    """The answer to the creation has the address without its last slash; the first GET has it whole."""
    created = door.vault("KV-new").body["properties"]
    assert (created["provisioningState"], created["vaultUri"]) == (
        "RegisteringDns",
        "https://KV-new.vault.azure.net",
    )
    ready = door.vault("kv-new", "GET").body["properties"]
    assert (ready["provisioningState"], ready["vaultUri"]) == ("Succeeded", "https://kv-new.vault.azure.net/")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("management.azure.com", "https://kv-new.vault.azure.net/"),
        ("management.usgovcloudapi.net", "https://kv-new.vault.usgovcloudapi.net/"),
        ("management.chinacloudapi.cn", "https://kv-new.vault.azure.cn/"),
    ],
)
def test_a_vault_answers_in_the_cloud_it_was_created_in(door, host, address):
    """The cloud whose Resource Manager was asked gives the vault its address."""
    door.vault("kv-new", host=host)
    assert door.vault("kv-new", "GET", host=host).body["properties"]["vaultUri"] == address


@pytest.mark.parametrize(
    ("api_version", "given", "rbac", "shown"),
    [
        ("2025-05-01", None, False, None),
        ("2025-05-01", False, False, False),
        ("2025-05-01", True, True, True),
        ("2026-02-01", None, True, True),
        ("2026-05-15", None, True, True),
        ("2026-05-15", False, False, False),
    ],
)
def test_a_silent_creation_means_rbac_from_2026_on(door, api_version, given, rbac, shown):
    """enableRbacAuthorization left out: access policies before api-version 2026-02-01, RBAC from it on."""
    body = door.vault_body(enableRbacAuthorization=given)
    properties = door.vault("kv-new", body=body, api_version=api_version).body["properties"]
    assert properties.get("enableRbacAuthorization") is shown
    assert door.keyvault.state.vaults["kv-new"].rbac is rbac


def test_an_old_vault_keeps_its_access_policies_under_a_new_api_version(door):
    """A PUT that says nothing of RBAC does not change the access model of a vault that exists."""
    door.vault(api_version="2026-05-15")
    assert "enableRbacAuthorization" not in door.vault(method="GET").body["properties"]
    assert not door.keyvault.state.vaults["kv-test"].rbac


@pytest.mark.parametrize(
    "name", ["ab", "a" * 25, "1abc", "ab-", "a--b", "a_b", "-ab", "a.b"], ids=lambda name: name[:8]
)
def test_a_bad_name_is_refused(door, name):
    """3 to 24 letters, digits and single hyphens, a letter first, no hyphen last."""
    reply = door.vault(name)
    assert (reply.status, reply.body["error"]["code"]) == (400, "VaultNameNotValid")


@pytest.mark.parametrize("name", ["abc", "a" * 24, "A-1-b", "kv9"])
def test_a_good_name_is_taken(door, name):
    """The shortest, the longest, and each kind of character."""
    assert door.vault(name).status == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tenantId": None}, "The parameter tenantId is not specified."),
        ({"sku": None}, "The parameter sku is not specified."),
        ({"accessPolicies": None}, "The parameter accessPolicies is not specified."),
        ({"tenantId": "11111111-1111-1111-1111-111111111111"}, "An invalid value was provided for 'tenantId'."),
        ({"sku": {"family": "B", "name": "standard"}}, "An invalid value was provided for 'sku'."),
        ({"softDeleteRetentionInDays": 6}, "between 7 and 90"),
        ({"softDeleteRetentionInDays": 91}, "between 7 and 90"),
        ({"enableSoftDelete": False}, 'The property "enableSoftDelete" cannot be set to false.'),
        ({"enablePurgeProtection": False}, 'The property "enablePurgeProtection" cannot be set to false.'),
        ({"networkAcls": {"ipRules": [{"value": "nowhere"}]}}, "'networkAcls.ipRules'"),
        ({"networkAcls": {"defaultAction": "Perhaps"}}, "'defaultAction'"),
        ({"enableRbacAuthorization": "yes"}, "'enableRbacAuthorization'"),
    ],
)
def test_a_bad_property_is_refused(door, changes, message):
    """What is missing or out of range is a BadRequest that names it."""
    reply = door.vault("kv-new", body=door.vault_body(**changes))
    assert (reply.status, reply.body["error"]["code"]) == (400, "BadRequest")
    assert message in reply.body["error"]["message"]


def test_a_vault_needs_a_location(door):
    """Resource Manager asks for the location before the service sees the request."""
    reply = door.vault("kv-new", body={**door.vault_body(), "location": ""})
    assert reply.body["error"]["code"] == "LocationRequired"


def test_a_name_is_unique_beyond_its_group(door):
    """Another group cannot have a vault of the same name."""
    door.groups.put("other", "westus2", {})
    reply = door.arm("PUT", "/resourceGroups/other/providers/Microsoft.KeyVault/vaults/KV-TEST", door.vault_body())
    assert (reply.status, reply.body["error"]["code"]) == (409, "VaultAlreadyExists")


def test_a_vault_cannot_move(door):
    """Another location is a conflict."""
    reply = door.vault(body={**door.vault_body(), "location": "East US"})
    assert (reply.status, reply.body["error"]["code"]) == (409, "InvalidResourceLocation")


def test_the_retention_is_set_once(door):
    """It is shown from then on; the same value passes, another does not."""
    assert "softDeleteRetentionInDays" not in door.vault(method="GET").body["properties"]
    for _ in range(2):
        given = door.vault(body=door.vault_body(softDeleteRetentionInDays=90)).body["properties"]
        assert given["softDeleteRetentionInDays"] == 90
    reply = door.vault(body=door.vault_body(softDeleteRetentionInDays=30))
    assert "has been set already" in reply.body["error"]["message"]


def test_a_put_replaces_and_a_patch_changes(door):
    """PATCH leaves alone what it does not name; PUT brings the firewall and the switches back to their defaults."""
    closed: dict[str, Any] = {"defaultAction": "Deny", "ipRules": [{"value": "127.0.0.1"}]}
    door.vault(method="PATCH", body={"properties": {"networkAcls": closed, "enabledForDeployment": True}})
    patched = door.vault(method="PATCH", body={"tags": {"a": "b"}}).body
    assert patched["tags"] == {"a": "b"}
    assert patched["properties"]["networkAcls"]["ipRules"] == [{"value": "127.0.0.1/32"}]
    assert patched["properties"]["enabledForDeployment"] is True
    replaced = door.vault().body
    assert replaced["tags"] == {}
    assert "networkAcls" not in replaced["properties"]
    assert replaced["properties"]["enabledForDeployment"] is False


def test_purge_protection_stays(door):
    """Once on, a PUT that is silent about it does not take it away."""
    door.vault(method="PATCH", body={"properties": {"enablePurgeProtection": True}})
    assert door.vault().body["properties"]["enablePurgeProtection"] is True


def test_vaults_are_listed_by_group_and_by_subscription(door):
    """A group lists its own; the subscription lists all, by name."""
    door.groups.put("other", "westus2", {})
    door.arm("PUT", "/resourceGroups/other/providers/Microsoft.KeyVault/vaults/kv-a", door.vault_body())

    def names(path: str) -> list[str]:
        return [vault["name"] for vault in door.arm("GET", path).body["value"]]

    assert names("/resourceGroups/OTHER/providers/Microsoft.KeyVault/vaults") == ["kv-a"]
    assert names("/providers/Microsoft.KeyVault/vaults") == ["kv-a", "kv-test"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("kv-free", None), ("kv-test", "AlreadyExists"), ("KV-Test", "AlreadyExists"), ("kv_free", "AccountNameInvalid")],
)
def test_a_name_can_be_asked_for_first(door, name, reason):
    """checkNameAvailability says whether, and if not, why."""
    path = "/providers/Microsoft.KeyVault/checkNameAvailability"
    answer = door.arm("POST", path, {"name": name, "type": "Microsoft.KeyVault/vaults"}).body
    assert (answer["nameAvailable"], answer.get("reason")) == (reason is None, reason)


def test_an_unknown_api_version_is_refused(door):
    """The refusal lists those that there are."""
    reply = door.vault(method="GET", api_version="2019-09-01")
    assert (reply.status, reply.body["error"]["code"]) == (400, "NoRegisteredProviderFound")
    assert "2026-05-15" in reply.body["error"]["message"]


def test_a_missing_vault_is_not_found(door):
    """In Resource Manager's words."""
    reply = door.vault("kv-none", "GET")
    assert (reply.status, reply.body["error"]["code"]) == (404, "ResourceNotFound")
