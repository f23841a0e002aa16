"""azure-identity: every way to sign in that needs no person."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCOPE = "https://management.azure.com/.default"
GROUP_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def claims(token: str) -> dict[str, Any]:
    """What a token says; its signature is the services' business."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


@pytest.fixture
def who(sdk: Any) -> Callable[[Any], str]:
    """The client id that a credential's token names."""

    def ask(credential: Any) -> str:
        return str(claims(sdk.done(credential.get_token(SCOPE)).token)["appid"])

    return ask


@pytest.fixture
def sign_in(sdk: Any) -> Callable[..., Any]:
    """A credential of azure-identity, by name."""
    return lambda name, *args, **kwargs: sdk.credential(f"azure.identity.{name}", *args, **kwargs)


@pytest.fixture(scope="session")
def identity(sdk: Any, credential: Any, azure: Any) -> Any:
    """A user-assigned identity."""
    client = sdk.client("azure.mgmt.msi.ManagedServiceIdentityClient", credential, azure.subscription)
    body = {"location": "westus2"}
    return sdk.done(client.user_assigned_identities.create_or_update(azure.group, f"signs-in-{sdk.name}", body))


@pytest.fixture(scope="session")
def operator(azure: Any) -> tuple[str, str]:
    """Tenant and client id of the service principal."""
    return azure.env["AZURE_TENANT_ID"], azure.env["AZURE_CLIENT_ID"]


def test_client_secret(sign_in: Any, who: Any, operator: Any, azure: Any) -> None:
    """The service principal's secret; a wrong one is refused in Entra's words."""
    from azure.core.exceptions import ClientAuthenticationError

    secret = azure.env["AZURE_CLIENT_SECRET"]
    assert who(sign_in("ClientSecretCredential", *operator, secret)) == operator[1]
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        who(sign_in("ClientSecretCredential", *operator, "wrong"))
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
        who(sign_in("ClientSecretCredential", operator[0], str(uuid.uuid4()), secret))


def test_client_certificate(sign_in: Any, who: Any, operator: Any, azure: Any) -> None:
    """The service principal's certificate, from the file that the environment names; with its chain sent or not."""
    file = azure.env["AZURE_CLIENT_CERTIFICATE_PATH"]
    assert who(sign_in("CertificateCredential", *operator, file)) == operator[1]
    assert who(sign_in("CertificateCredential", *operator, file, send_certificate_chain=True)) == operator[1]


def test_another_certificate_is_refused(
    sign_in: Any, who: Any, operator: Any, tmp_path: Path, make_certificate: Callable[..., bytes]
) -> None:
    """One that the application does not have."""
    from azure.core.exceptions import ClientAuthenticationError

    other = tmp_path / "other.pem"
    other.write_bytes(make_certificate("other"))
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        who(sign_in("CertificateCredential", *operator, str(other)))


def test_the_environment(sign_in: Any, who: Any, operator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """EnvironmentCredential takes the secret, and the certificate where there is none; DefaultAzureCredential too."""
    assert who(sign_in("EnvironmentCredential")) == operator[1]
    assert who(sign_in("DefaultAzureCredential")) == operator[1]
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    assert who(sign_in("EnvironmentCredential")) == operator[1]


def test_managed_identity_of_the_machine(sign_in: Any, sdk: Any) -> None:
    """Without a name: the system-assigned identity of the machine that callers sit at."""
    token = claims(sdk.done(sign_in("ManagedIdentityCredential").get_token(SCOPE)).token)
    assert "/virtualMachines/" in token["xms_mirid"]


@pytest.mark.parametrize("named", ["client id", "resource id", "object id"])
def test_managed_identity_by_name(sdk: Any, sign_in: Any, who: Any, identity: Any, named: str) -> None:
    """A user-assigned identity, by each of its names; the aio client wants the resource id's as IMDS calls it."""
    resource_id = "resource_id" if sdk.name == "sync" else "msi_res_id"
    options = {
        "client id": {"client_id": identity.client_id},
        "resource id": {"identity_config": {resource_id: identity.id}},
        "object id": {"identity_config": {"object_id": identity.principal_id}},
    }
    assert who(sign_in("ManagedIdentityCredential", **options[named])) == identity.client_id


def test_a_managed_identity_that_does_not_exist(sign_in: Any, who: Any) -> None:
    """IMDS says so."""
    from azure.core.exceptions import ClientAuthenticationError

    with pytest.raises(ClientAuthenticationError, match="Identity not found"):
        who(sign_in("ManagedIdentityCredential", client_id=str(uuid.uuid4())))


def test_a_managed_identity_may_do_what_its_roles_say(sdk: Any, sign_in: Any, credential: Any, azure: Any) -> None:
    """The machine's own identity sees nothing before a role, and its group after."""
    from azure.core.exceptions import HttpResponseError

    machine = sign_in("ManagedIdentityCredential")
    account = sdk.client("azure.mgmt.batch.BatchManagementClient", machine, azure.subscription).batch_account
    name = azure.env["AZURE_BATCH_ACCOUNT"]
    with pytest.raises(HttpResponseError) as refused:
        sdk.done(account.get(azure.group, name))
    assert refused.value.error.code == "AuthorizationFailed"
    roles = sdk.client("azure.mgmt.authorization.AuthorizationManagementClient", credential, azure.subscription)
    principal = claims(sdk.done(machine.get_token(SCOPE)).token)["oid"]
    subscription = f"/subscriptions/{azure.subscription}"
    definition = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{GROUP_READER}"
    body = {"role_definition_id": definition, "principal_id": principal, "principal_type": "ServicePrincipal"}
    given = sdk.done(roles.role_assignments.create(f"{subscription}/resourceGroups/{azure.group}", uuid.uuid4(), body))
    assert sdk.done(account.get(azure.group, name)).name == name
    sdk.done(roles.role_assignments.delete_by_id(given.id))


def test_workload_identity(sign_in: Any, who: Any, operator: Any) -> None:
    """The token file of the environment is exchanged for the service principal's token."""
    assert who(sign_in("WorkloadIdentityCredential")) == operator[1]


def test_workload_identity_of_a_managed_identity(sdk: Any, sign_in: Any, who: Any, identity: Any, azure: Any) -> None:
    """An identity trusts the workload once it has a federated credential for it, and no sooner."""
    from azure.core.exceptions import ClientAuthenticationError

    file = Path(azure.env["AZURE_FEDERATED_TOKEN_FILE"])

    def workload() -> Any:
        return sign_in("WorkloadIdentityCredential", client_id=identity.client_id, token_file_path=str(file))

    with pytest.raises(ClientAuthenticationError, match="AADSTS700211"):
        who(workload())
    said = claims(file.read_text())
    body = {"issuer": said["iss"], "subject": said["sub"], "audiences": said["aud"]}
    client = sdk.client(
        "azure.mgmt.msi.ManagedServiceIdentityClient", sign_in("EnvironmentCredential"), azure.subscription
    )
    sdk.done(client.federated_identity_credentials.create_or_update(azure.group, identity.name, "cluster", body))
    assert who(workload()) == identity.client_id


def test_the_az_cli(sdk: Any, who: Any, operator: Any, az_cli: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AzureCliCredential asks whoever is signed in to `az`."""
    monkeypatch.setenv("PATH", f"{az_cli.parent}{os.pathsep}{os.environ['PATH']}")
    assert who(sdk.plain("azure.identity.AzureCliCredential", process_timeout=60)) == operator[1]
