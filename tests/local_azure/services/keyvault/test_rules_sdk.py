"""Key Vault's rules as Microsoft's own clients meet them: issuers, disabled versions, protection, time, addresses."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import (
    CertificateClient,
    CertificateContentType,
    CertificatePolicy,
    CertificatePolicyAction,
    KeyType,
    LifetimeAction,
)
from azure.keyvault.secrets import SecretClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from requests.adapters import HTTPAdapter

from local_azure.serving import LocalAzure
from local_azure.wire.messages import Caller

NODE = "dddddddd-0000-4000-8000-000000000001"
ADDRESS, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # both are this machine
NUMBERS = itertools.count(1)


class Clients(NamedTuple):
    """A vault and its clients."""

    name: str
    certificates: CertificateClient
    secrets: SecretClient


class Shown(NamedTuple):
    """A credential that shows one token."""

    token: str

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


class Bound(HTTPAdapter):
    """Connects from an address of the test's choice."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, source_address=(self._address, 0), **options)


@pytest.fixture(scope="module")
def azure() -> Iterator[LocalAzure]:
    with LocalAzure() as running:
        yield running


@pytest.fixture(scope="module")
def options(azure: LocalAzure) -> dict[str, Any]:
    proxies = {"https": azure.env["HTTPS_PROXY"], "http": azure.env["HTTP_PROXY"]}
    return {"connection_verify": azure.env["REQUESTS_CA_BUNDLE"], "proxies": proxies, "retry_total": 0}


@pytest.fixture(scope="module")
def credential(azure: LocalAzure, options: dict[str, Any]) -> ClientSecretCredential:
    env = azure.env
    return ClientSecretCredential(env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_CLIENT_SECRET"], **options)


@pytest.fixture(scope="module")
def management(azure: LocalAzure, credential: Any, options: dict[str, Any]) -> KeyVaultManagementClient:
    return KeyVaultManagementClient(credential, azure.env["AZURE_SUBSCRIPTION_ID"], **options)


@pytest.fixture
def vault(azure: LocalAzure, management: Any, credential: Any, options: dict[str, Any]) -> Callable[..., Clients]:
    """Makes a vault, by roles unless *properties* say otherwise, whose retention is a week."""

    def made(**properties: Any) -> Clients:
        name = f"kv-rules-{next(NUMBERS)}"
        given = {
            "tenantId": azure.env["AZURE_TENANT_ID"],
            "sku": {"family": "A", "name": "standard"},
            "softDeleteRetentionInDays": 7,
            **properties,
        }
        body = {"location": "westus2", "properties": given}
        made = management.vaults.begin_create_or_update(azure.env["AZURE_RESOURCE_GROUP"], name, body).result()
        url = made.properties.vault_uri
        return Clients(name, CertificateClient(url, credential, **options), SecretClient(url, credential, **options))

    return made


@pytest.fixture
def node(azure: LocalAzure) -> Shown:
    """A credential of somebody without any right."""

    def issue(cloud: Any) -> str:
        caller = Caller(NODE, NODE, cloud.settings.tenant)
        return str(cloud.tokens.issue(caller, "https://vault.azure.net", "https://sts.windows.net/"))

    return Shown(azure.call(issue))


def policy(issuer: str = "Self", **changes: Any) -> CertificatePolicy:
    given = {
        "subject": "CN=www.example.com",
        "san_dns_names": ["www.example.com"],
        "key_type": KeyType.ec,
        "key_curve_name": "P-256",
        "content_type": CertificateContentType.pem,
        "validity_in_months": 6,
        "lifetime_actions": [LifetimeAction(CertificatePolicyAction.auto_renew, days_before_expiry=30)],
    }
    return CertificatePolicy(issuer, **{**given, **changes})


def inner_code(call: Callable[[], Any]) -> tuple[int | None, str | None, str | None]:
    """Status, code and `innererror.code` of the refusal of *call*."""
    with pytest.raises(HttpResponseError) as refusal:
        call()
    error = refusal.value.error
    return refusal.value.status_code, error and error.code, error and (error.innererror or {}).get("code")


def test_an_issuer_of_the_vault_signs(azure: LocalAzure, vault: Any) -> None:
    """The poller waits with the order; the secret has the chain."""
    made = vault()
    made.certificates.create_issuer("ca", "DigiCert", account_id="ours", password="hidden")
    poller = made.certificates.begin_create_certificate("web", policy("ca"), _polling_interval=0.1)
    assert made.certificates.get_certificate_operation("web").status == "inProgress"
    azure.advance(timedelta(minutes=1))
    assert poller.result().policy.issuer_name == "ca"
    pem = made.secrets.get_secret("web").value
    leaf, issuing, root = x509.load_pem_x509_certificates(pem.encode())
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    assert leaf.public_bytes(Encoding.DER) == bytes(made.certificates.get_certificate("web").cer)


def test_an_issuer_that_cannot_renew(azure: LocalAzure, vault: Any) -> None:
    """The operation tells why, and the contacts would have been told."""
    made = vault()
    made.certificates.create_issuer("ca", "DigiCert", account_id="ours", password="hidden")
    poller = made.certificates.begin_create_certificate("web", policy("ca"), _polling_interval=0.1)
    azure.advance(timedelta(minutes=1))
    first = poller.result().properties.version
    made.certificates.update_issuer("ca", enabled=False)
    azure.advance(timedelta(days=170, hours=12))
    ended = made.certificates.get_certificate_operation("web")
    assert (ended.status, ended.error.code) == ("failed", "Certificate issuer error")
    assert ended.error.message == "The issuer ca is disabled."
    assert made.certificates.get_certificate("web").properties.version == first


def test_a_disabled_version_is_kept_back(vault: Any) -> None:
    """Of a certificate's secret and of an ordinary one; the certificate itself is still shown, as disabled."""
    made = vault()
    made.certificates.begin_create_certificate("web", policy(), _polling_interval=0.1).result()
    made.certificates.update_certificate_properties("web", enabled=False)
    assert inner_code(lambda: made.secrets.get_secret("web")) == (403, "Forbidden", "SecretDisabled")
    assert made.certificates.get_certificate("web").properties.enabled is False
    first = made.secrets.set_secret("plain", "one").properties.version
    made.secrets.update_secret_properties("plain", first, enabled=False)
    assert inner_code(lambda: made.secrets.get_secret("plain")) == (403, "Forbidden", "SecretDisabled")
    made.secrets.set_secret("plain", "two")
    assert made.secrets.get_secret("plain").value == "two"
    assert inner_code(lambda: made.secrets.get_secret("plain", first)) == (403, "Forbidden", "SecretDisabled")


@pytest.mark.parametrize(
    ("properties", "level"),
    [
        ({}, "CustomizedRecoverable+Purgeable"),
        ({"enablePurgeProtection": True}, "CustomizedRecoverable"),
        ({"softDeleteRetentionInDays": 90, "enablePurgeProtection": True}, "Recoverable"),
    ],
)
def test_purge_protection_keeps_what_is_deleted(vault: Any, properties: dict[str, Any], level: str) -> None:
    """The recovery level tells beforehand."""
    made = vault(**properties)
    certificate = made.certificates.begin_create_certificate("web", policy(), _polling_interval=0.1).result()
    assert certificate.properties.recovery_level == level
    made.certificates.begin_delete_certificate("web", _polling_interval=0.1).wait()
    if "Purgeable" in level:
        made.certificates.purge_deleted_certificate("web")
        assert list(made.certificates.list_deleted_certificates()) == []
        return
    assert inner_code(lambda: made.certificates.purge_deleted_certificate("web"))[:2] == (403, "Forbidden")
    made.certificates.begin_recover_deleted_certificate("web", _polling_interval=0.1).wait()


def test_what_is_deleted_goes_when_its_time_has_come(azure: LocalAzure, management: Any, vault: Any) -> None:
    """Purge protection or not: a certificate, a secret, and then the vault itself, a week later each."""
    made = vault(enablePurgeProtection=True)
    made.certificates.begin_create_certificate("web", policy(), _polling_interval=0.1).result()
    made.secrets.set_secret("plain", "one")
    deleted = made.certificates.begin_delete_certificate("web", _polling_interval=0.1).result()
    made.secrets.begin_delete_secret("plain", _polling_interval=0.1).wait()
    assert deleted.scheduled_purge_date - deleted.deleted_on == timedelta(days=7)
    azure.advance(timedelta(days=6, hours=23))
    assert [one.name for one in made.certificates.list_deleted_certificates()] == ["web"]
    assert [one.name for one in made.secrets.list_deleted_secrets()] == ["plain"]
    azure.advance(timedelta(hours=2))
    assert [*made.certificates.list_deleted_certificates(), *made.secrets.list_deleted_secrets()] == []
    management.vaults.delete(azure.env["AZURE_RESOURCE_GROUP"], made.name)
    with pytest.raises(HttpResponseError, match="MethodNotAllowed"):
        management.vaults.begin_purge_deleted(made.name, "westus2").result()
    azure.advance(timedelta(days=8))
    assert made.name not in [one.name for one in management.vaults.list_deleted()]


def test_who_has_no_role_or_no_policy(
    azure: LocalAzure, management: Any, options: Any, vault: Any, node: Shown
) -> None:
    """Three refusals that a client tells apart by their inner code."""
    by_roles, by_policies = vault(), vault(enableRbacAuthorization=False, accessPolicies=[])

    def asked(made: Clients) -> Callable[[], Any]:
        client = SecretClient(f"https://{made.name}.vault.azure.net", node, **options)
        return lambda: client.get_secret("any")

    assert inner_code(asked(by_roles)) == (403, "Forbidden", "ForbiddenByRbac")
    assert inner_code(asked(by_policies)) == (403, "Forbidden", "AccessDenied")
    entry = {"tenantId": azure.env["AZURE_TENANT_ID"], "objectId": NODE, "permissions": {"secrets": ["list"]}}
    change = {"properties": {"accessPolicies": [entry]}}
    management.vaults.update_access_policy(azure.env["AZURE_RESOURCE_GROUP"], by_policies.name, "add", change)
    assert inner_code(asked(by_policies)) == (403, "Forbidden", "ForbiddenByPolicy")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 without set-up")
def test_the_firewall_goes_by_where_a_client_connects_from(
    azure: LocalAzure, management: Any, credential: Any, options: Any, vault: Any
) -> None:
    """Two clients with the same rights at two addresses: one is let in, the other is told its address."""
    made = vault(networkAcls={"defaultAction": "Deny", "ipRules": [{"value": ELSEWHERE}]})
    session = requests.Session()
    session.mount("https://", Bound(ELSEWHERE))
    verify = azure.env["REQUESTS_CA_BUNDLE"]
    transport = RequestsTransport(session=session, session_owner=False, connection_verify=verify)
    url = f"https://{made.name}.vault.azure.net"
    there = SecretClient(url, credential, transport=transport, **options)
    there.set_secret("plain", "one")
    assert there.get_secret("plain").value == "one"
    with pytest.raises(HttpResponseError, match=f"Client address: {ADDRESS}") as refusal:
        made.secrets.get_secret("plain")
    assert refusal.value.error is not None
    assert refusal.value.error.innererror == {"code": "ForbiddenByFirewall"}
    opened = {"properties": {"networkAcls": {"defaultAction": "Allow"}}}
    management.vaults.update(azure.env["AZURE_RESOURCE_GROUP"], made.name, opened)
    assert made.secrets.get_secret("plain").value == "one"
