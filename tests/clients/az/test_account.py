"""Signing in, the account, groups, resources, identities, roles."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("--certificate", "AZURE_CLIENT_CERTIFICATE_PATH"),
        ("--federated-token", "AZURE_FEDERATED_TOKEN_FILE"),
        ("--password", "AZURE_CLIENT_SECRET"),
    ],
)
def test_login_of_a_service_principal(signed_out: Any, sign_in: Any, option: str, variable: str) -> None:
    """With its certificate, with a token of its cluster, with its secret; signed out first each time."""
    signed_out("account clear")
    (found,) = sign_in(signed_out, option, variable)
    assert found["id"] == signed_out.azure.subscription
    assert found["user"] == {"name": signed_out.environ["AZURE_CLIENT_ID"], "type": "servicePrincipal"}


def test_a_wrong_secret_is_refused(signed_out: Any, sign_in: Any, refused: Any) -> None:
    """In Entra's words, where the CLI holds no token from before, which it would use without asking."""
    signed_out("account clear")
    env = signed_out.environ
    with pytest.raises(refused, match="AADSTS7000215"):
        signed_out(
            "login --service-principal --username {} --tenant {} --password wrong",
            env["AZURE_CLIENT_ID"],
            env["AZURE_TENANT_ID"],
        )
    sign_in(signed_out, "--password", "AZURE_CLIENT_SECRET")


def test_the_account(az: Any) -> None:
    """What is shown is what was signed in to; a token can be had, and regions are listed."""
    assert az("account show")["id"] == az.azure.subscription
    assert [one["name"] for one in az("account list")] == ["Embedded Azure"]
    assert az("account get-access-token")["tokenType"] == "Bearer"
    regions = {one["name"]: one["displayName"] for one in az("account list-locations")}
    assert regions["westus2"] == "West US 2"


def test_groups(az: Any, refused: Any) -> None:
    """From creation to deletion."""
    az("group create --name cli-one --location westus2 --tags a=b")
    assert az("group exists --name cli-one") is True
    changed = az("group update --name cli-one --set tags.c=d")
    assert changed["tags"] == {"a": "b", "c": "d"}
    assert "cli-one" in [one["name"] for one in az("group list")]
    az("group delete --name cli-one --yes")
    assert az("group exists --name cli-one") is False
    with pytest.raises(refused, match="ResourceGroupNotFound"):
        az("group show --name cli-one")


def test_identities(az: Any, group: str) -> None:
    """User-assigned identities and their federated credentials; they are among the resources."""
    made = az("identity create --resource-group {} --name mine --location westus2", group)
    assert az("identity show --resource-group {} --name mine", group)["clientId"] == made["clientId"]
    assert [one["name"] for one in az("identity list --resource-group {}", group)] == ["mine"]
    trust = "identity federated-credential create --resource-group {} --identity-name mine --name cluster"
    subject = "--issuer https://oidc.example.com/one --subject system:serviceaccount:a:b"
    assert az(f"{trust} {subject} --audiences api://AzureADTokenExchange", group)["name"] == "cluster"
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert [one["name"] for one in az(f"resource list --resource-group {{}} --resource-type {kind}", group)] == ["mine"]
    az("identity delete --resource-group {} --name mine", group)
    assert az("identity list --resource-group {}", group) == []


def test_roles_of_an_identity(az: Any, group: str, vault: str) -> None:
    """Given, listed with the principal's name, taken away; a role is found by its name."""
    identity = az("identity create --resource-group {} --name granted --location westus2", group)
    scope = az("keyvault show --name {}", vault)["id"]
    role, principal = "Key Vault Secrets User", identity["principalId"]
    whom = "--assignee-object-id {} --assignee-principal-type ServicePrincipal"
    made = az(f"role assignment create {whom} --role {{}} --scope {{}}", principal, role, scope)
    (found,) = az("role assignment list --scope {} --assignee {}", scope, principal)
    assert (found["id"], found["roleDefinitionName"]) == (made["id"], role)
    assert found["principalName"] == identity["clientId"]
    az("role assignment delete --assignee {} --role {} --scope {}", principal, role, scope)
    assert az("role assignment list --scope {} --assignee {}", scope, principal) == []
    assert [one["roleName"] for one in az("role definition list --name {}", role)] == [role]


def test_login_of_the_machine(az: Any, sign_in: Any, refused: Any) -> None:
    """Its identity has no subscription until it has a role in one."""
    with pytest.raises(refused, match="No access was configured"):
        az("login --identity")
    machine = f"resourceGroups/{az.azure.group}/providers/Microsoft.Compute/virtualMachines/workstation"
    where = f"/subscriptions/{az.azure.subscription}/{machine}/providers/Microsoft.ManagedIdentity/identities/default"
    found = az("rest --url {}", f"https://management.azure.com{where}?api-version=2024-11-30")
    whom = "--assignee-object-id {} --assignee-principal-type ServicePrincipal"
    scope = f"/subscriptions/{az.azure.subscription}"
    az(f"role assignment create {whom} --role Reader --scope {{}}", found["properties"]["principalId"], scope)
    try:
        (account,) = az("login --identity")
        assert account["user"]["name"] == "systemAssignedIdentity"
        assert az.azure.group in [one["name"] for one in az("group list")]
    finally:
        sign_in(az, "--password", "AZURE_CLIENT_SECRET")
