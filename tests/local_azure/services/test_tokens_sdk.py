"""Tokens that do not count, shown by Microsoft's own clients to each service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from azure.batch import BatchClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from local_azure.cloud import Cloud
from local_azure.serving import LocalAzure
from local_azure.wire.messages import Caller

NOBODY = "99999999-0000-4000-8000-000000000009"
ARM, VAULT, BATCH = "https://management.azure.com/", "https://vault.azure.net", "https://batch.core.windows.net/"


class Shown(NamedTuple):
    """A credential that shows one token, whatever it is asked for."""

    token: str

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


def told_by(error: BaseException | None) -> str:
    """What *error* and those that caused it say."""
    return f"{error} {told_by(error.__cause__ or error.__context__)}" if error else ""


@pytest.fixture(scope="module")
def azure() -> Iterator[LocalAzure]:
    with LocalAzure() as running:
        yield running


@pytest.fixture(scope="module")
def transport(azure: LocalAzure) -> dict[str, Any]:
    proxies = {"https": azure.env["HTTPS_PROXY"], "http": azure.env["HTTP_PROXY"]}
    return {"connection_verify": azure.env["REQUESTS_CA_BUNDLE"], "proxies": proxies, "retry_total": 0}


@pytest.fixture(scope="module")
def token(azure: LocalAzure) -> Callable[..., str]:
    """Makes a token of the operator's, for an audience, in a tenant, as old as wanted (seconds)."""

    def made(audience: str, *, tenant: str = "", age: float = 0) -> str:
        def issue(cloud: Cloud) -> str:
            caller = Caller(cloud.settings.object_id, cloud.settings.client_id, tenant or cloud.settings.tenant)
            now, cloud.tokens._clock = cloud.tokens._clock, lambda: time.time() - age
            try:
                return cloud.tokens.issue(caller, audience, "https://sts.windows.net/")
            finally:
                cloud.tokens._clock = now

        return azure.call(issue)

    return made


@pytest.fixture(scope="module")
def vault(azure: LocalAzure, transport: dict[str, Any]) -> str:
    """The address of a vault."""
    from azure.mgmt.keyvault import KeyVaultManagementClient

    env = azure.env
    credential = ClientSecretCredential(
        env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_CLIENT_SECRET"], **transport
    )
    management = KeyVaultManagementClient(credential, env["AZURE_SUBSCRIPTION_ID"], **transport)
    properties = {"tenantId": env["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    body = {"location": "westus2", "properties": properties}
    made = management.vaults.begin_create_or_update(env["AZURE_RESOURCE_GROUP"], "kv-tokens", body).result()
    return str(made.properties.vault_uri)


@pytest.fixture(scope="module")
def calls(azure: LocalAzure, transport: dict[str, Any], vault: str) -> dict[str, Callable[[str], object]]:
    """One call to each service with a given token."""
    env = azure.env
    host = f"https://{env['AZURE_BATCH_ACCOUNT']}.westus2.batch.azure.com"

    def management(token: str) -> object:
        client = ManagedServiceIdentityClient(Shown(token), env["AZURE_SUBSCRIPTION_ID"], **transport)
        return list(client.user_assigned_identities.list_by_resource_group(env["AZURE_RESOURCE_GROUP"]))

    return {
        ARM: management,
        VAULT: lambda token: list(SecretClient(vault, Shown(token), **transport).list_properties_of_secrets()),
        BATCH: lambda token: list(BatchClient(host, Shown(token), **transport).list_pools()),
    }


@pytest.mark.parametrize("audience", [ARM, VAULT, BATCH])
def test_the_right_token_counts(calls: Any, token: Any, audience: str) -> None:
    """What is refused below is refused for its own reason alone."""
    assert calls[audience](token(audience)) == []


@pytest.mark.parametrize(
    ("audience", "told"),
    [
        (ARM, "(ExpiredAuthenticationToken) The access token expiry UTC time '"),
        (VAULT, "(Unauthorized) [TokenExpired] Error validating token: 'S2S12086'."),
        (BATCH, "AuthenticationFailed"),
    ],
)
def test_an_expired_token(calls: Any, token: Any, audience: str, told: str) -> None:
    """Each service says so in its own words."""
    with pytest.raises(ClientAuthenticationError) as refusal:
        calls[audience](token(audience, age=7200))
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("audience", "other", "told"),
    [
        (
            ARM,
            VAULT,
            (
                "The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It "
                "should exactly match with one of the allowed audiences 'https://management.core.windows.net/',"
                "'https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."
            ),
        ),
        (VAULT, ARM, f"AKV10022: Invalid audience. Expected {VAULT}, found: {ARM}."),
        (BATCH, ARM, "AuthenticationFailed"),
    ],
)
def test_a_token_for_another_audience(calls: Any, token: Any, audience: str, other: str, told: str) -> None:
    """The refusal names what was found and, where there is a secret to it, what was wanted."""
    with pytest.raises(ClientAuthenticationError) as refusal:
        calls[audience](token(other))
    assert told in str(refusal.value)


def test_a_token_of_another_tenant(azure: LocalAzure, calls: Any, token: Any) -> None:
    """Azure Resource Manager names both issuers, and where to get a token that counts."""
    with pytest.raises(ClientAuthenticationError) as refusal:
        calls[ARM](token(ARM, tenant=NOBODY))
    issuer, own = (f"https://sts.windows.net/{tenant}/" for tenant in (NOBODY, azure.env["AZURE_TENANT_ID"]))
    assert f"from the wrong issuer '{issuer}'. It must match the tenant '{own}'" in str(refusal.value)
    with pytest.raises(HttpResponseError, match="AKV10032"):
        calls[VAULT](token(VAULT, tenant=NOBODY))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215: Invalid client secret provided."),
        ({"client_id": NOBODY}, f"AADSTS700016: Application with identifier '{NOBODY}' was not found"),
        ({"tenant_id": NOBODY}, f"AADSTS90002: Tenant '{NOBODY}' not found."),
    ],
)
def test_who_cannot_sign_in(azure: LocalAzure, transport: Any, changed: dict[str, str], told: str) -> None:
    """Secret, application and tenant, each in Entra's words as the client passes them on."""
    env = azure.env
    given = {
        "tenant_id": env["AZURE_TENANT_ID"],
        "client_id": env["AZURE_CLIENT_ID"],
        "client_secret": env["AZURE_CLIENT_SECRET"],
    }
    credential = ClientSecretCredential(**{**given, **changed}, **transport)
    with pytest.raises(ClientAuthenticationError) as refusal:
        credential.get_token(f"{ARM}.default")
    assert told in told_by(refusal.value)


def test_a_resource_that_the_tenant_does_not_know(azure: LocalAzure, transport: Any) -> None:
    """No token is made for it."""
    env = azure.env
    credential = ClientSecretCredential(
        env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_CLIENT_SECRET"], **transport
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS500011: The resource principal named https://nowhere"):
        credential.get_token("https://nowhere.example/.default")
