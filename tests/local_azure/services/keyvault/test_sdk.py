"""Microsoft's own clients, unmodified, against Key Vault in a running embedded Azure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import (
    CertificateClient,
    CertificateContentType,
    CertificatePolicy,
    CertificatePolicyAction,
    KeyType,
    LifetimeAction,
)
from azure.mgmt.keyvault import KeyVaultManagementClient
from cryptography import x509

from local_azure.serving import LocalAzure

NAME = "kv-clients"


@pytest.fixture(scope="module")
def azure() -> Iterator[LocalAzure]:
    with LocalAzure() as running:
        yield running


@pytest.fixture(scope="module")
def transport(azure):
    return {
        "connection_verify": azure.env["REQUESTS_CA_BUNDLE"],
        "proxies": {"https": azure.env["HTTPS_PROXY"], "http": azure.env["HTTP_PROXY"]},
        "retry_total": 0,
    }


@pytest.fixture(scope="module")
def credential(azure, transport):
    env = azure.env
    return ClientSecretCredential(
        env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_CLIENT_SECRET"], **transport
    )


@pytest.fixture(scope="module")
def management(azure, credential, transport):
    return KeyVaultManagementClient(credential, azure.env["AZURE_SUBSCRIPTION_ID"], **transport)


@pytest.fixture(scope="module")
def vault(azure, management):
    body = {
        "location": "westus2",
        "properties": {
            "tenantId": azure.env["AZURE_TENANT_ID"],
            "sku": {"family": "A", "name": "standard"},
            "softDeleteRetentionInDays": 7,
        },
    }
    return management.vaults.begin_create_or_update(azure.env["AZURE_RESOURCE_GROUP"], NAME, body).result()


@pytest.fixture(scope="module")
def certificates(vault, credential, transport):
    return CertificateClient(vault.properties.vault_uri, credential, **transport)


def policy(**changes):
    given = {
        "subject": "CN=www.example.com",
        "san_dns_names": ["www.example.com"],
        "key_type": KeyType.ec,
        "key_curve_name": "P-256",
        "content_type": CertificateContentType.pem,
        "lifetime_actions": [LifetimeAction(CertificatePolicyAction.auto_renew, days_before_expiry=30)],
    }
    return CertificatePolicy("Self", **{**given, **changes})


def test_a_vault_is_created_and_found(azure, management, vault):
    """The poller ends with a vault that is ready; the newest api-version means RBAC."""
    assert vault.properties.vault_uri == f"https://{NAME}.vault.azure.net/"
    assert vault.properties.provisioning_state == "Succeeded"
    assert vault.properties.enable_rbac_authorization is True
    assert [one.name for one in management.vaults.list_by_resource_group(azure.env["AZURE_RESOURCE_GROUP"])] == [NAME]
    available = management.vaults.check_name_availability({"name": NAME, "type": "Microsoft.KeyVault/vaults"})
    assert available.name_available is False


def test_access_policies_are_updated(azure, management, vault):
    """`update_access_policy` adds a principal to those of the vault."""
    someone = "aaaaaaaa-0000-4000-8000-000000000001"
    entry = {
        "tenantId": azure.env["AZURE_TENANT_ID"],
        "objectId": someone,
        "permissions": {"secrets": ["get", "list"]},
    }
    group = azure.env["AZURE_RESOURCE_GROUP"]
    management.vaults.update_access_policy(group, NAME, "add", {"properties": {"accessPolicies": [entry]}})
    held = management.vaults.get(group, NAME).properties.access_policies
    assert [(one.object_id, one.permissions.secrets) for one in held] == [(someone, ["get", "list"])]


def test_a_certificate_is_created_read_and_renewed(azure, certificates):
    """The client's poller ends at the first look; a year on the clock later there is a second version."""
    made = certificates.begin_create_certificate("renewing", policy(), tags={"a": "b"}).result()
    assert made.policy.lifetime_actions[0].days_before_expiry == 30
    assert made.properties.tags == {"a": "b"}
    assert bytes(made.properties.x509_thumbprint) == hashlib.sha1(bytes(made.cer), usedforsecurity=False).digest()
    expires = x509.load_der_x509_certificate(bytes(made.cer)).not_valid_after_utc
    assert made.properties.expires_on == expires
    azure.advance(timedelta(days=340))
    newest = certificates.get_certificate("renewing")
    versions = list(certificates.list_properties_of_certificate_versions("renewing"))
    assert len(versions) == 2
    assert newest.properties.version != made.properties.version
    assert newest.properties.created_on == max(one.created_on for one in versions)
    assert abs(newest.properties.created_on - (expires - timedelta(days=30))) <= timedelta(seconds=1)
    assert certificates.get_certificate_version("renewing", made.properties.version).cer == made.cer


def test_the_policy_is_changed_and_read_back(certificates):
    """What the client does not send stays."""
    certificates.begin_create_certificate("changing", policy()).result()
    action = LifetimeAction(CertificatePolicyAction.auto_renew, lifetime_percentage=75)
    certificates.update_certificate_policy("changing", policy(lifetime_actions=[action], key_type=None))
    changed = certificates.get_certificate_policy("changing")
    assert changed.lifetime_actions[0].lifetime_percentage == 75
    assert (changed.key_type, changed.key_curve_name, changed.san_dns_names) == ("EC", "P-256", ["www.example.com"])


def test_a_certificate_is_imported_and_disabled(certificates):
    """PEM as bytes, with the content type that says so."""
    made = certificates.begin_create_certificate("source", CertificatePolicy.get_default()).result()
    assert made.policy.key_size == 2048
    imported = certificates.import_certificate(
        "imported", own_certificate(), policy=CertificatePolicy(content_type=CertificateContentType.pem)
    )
    assert imported.policy.issuer_name == "Unknown"
    assert imported.policy.lifetime_actions[0].action == CertificatePolicyAction.email_contacts
    disabled = certificates.update_certificate_properties("imported", enabled=False)
    assert disabled.properties.enabled is False


def own_certificate() -> bytes:
    """A certificate with its key in PEM, made without Key Vault."""
    with trustme.CA().issue_cert("own.example.com").private_key_and_cert_chain_pem.tempfile() as path:
        return Path(path).read_bytes()


def test_a_certificate_is_deleted_recovered_and_purged(certificates):
    """The namesake is refused with the code that the client can act on."""
    certificates.begin_create_certificate("going", policy()).result()
    deleted = certificates.begin_delete_certificate("going").result()
    assert deleted.scheduled_purge_date - deleted.deleted_on == timedelta(days=7)
    with pytest.raises(ResourceExistsError) as refusal:
        certificates.begin_create_certificate("going", policy())
    assert refusal.value.error.code == "Conflict"
    assert refusal.value.error.innererror["code"] == "ObjectIsDeletedButRecoverable"
    assert [one.name for one in certificates.list_deleted_certificates()] == ["going"]
    certificates.begin_recover_deleted_certificate("going").wait()
    assert certificates.get_certificate("going").name == "going"
    certificates.begin_delete_certificate("going").wait()
    certificates.purge_deleted_certificate("going")
    assert list(certificates.list_deleted_certificates()) == []


def test_a_manual_certificate_waits_for_its_merge(certificates):
    """The poller of an Unknown issuer hands back the operation with its signing request."""
    operation = certificates.begin_create_certificate("manual", CertificatePolicy("Unknown", subject="CN=m")).result()
    assert operation.status == "inProgress"
    assert x509.load_der_x509_csr(bytes(operation.csr)).is_signature_valid
    assert certificates.cancel_certificate_operation("manual").cancellation_requested is True
    certificates.delete_certificate_operation("manual")


def test_a_wrong_secret_does_not_get_in(azure, vault, transport):
    """The client follows the challenge to the login host, which refuses."""
    env = azure.env
    stranger = ClientSecretCredential(env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], "wrong", **transport)
    client = CertificateClient(vault.properties.vault_uri, stranger, **transport)
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        client.get_certificate("renewing")


def test_the_firewall_is_told_apart(azure, management, certificates):
    """403 with the inner code that no waiting helps against."""
    group = azure.env["AZURE_RESOURCE_GROUP"]
    management.vaults.update(group, NAME, {"properties": {"networkAcls": {"defaultAction": "Deny"}}})
    with pytest.raises(HttpResponseError) as refusal:
        certificates.get_certificate("renewing")
    assert refusal.value.error.innererror == {"code": "ForbiddenByFirewall"}
    management.vaults.update(group, NAME, {"properties": {"networkAcls": {"defaultAction": "Allow"}}})
    assert certificates.get_certificate("renewing").name == "renewing"


def test_a_deleted_vault_is_listed_and_purged(azure, management, vault):
    """The last test of the module: afterwards the name is free."""
    management.vaults.delete(azure.env["AZURE_RESOURCE_GROUP"], NAME)
    deleted = management.vaults.get_deleted(NAME, "westus2")
    assert deleted.properties.scheduled_purge_date - deleted.properties.deletion_date == timedelta(days=7)
    assert [one.name for one in management.vaults.list_deleted()] == [NAME]
    management.vaults.begin_purge_deleted(NAME, "westus2").result()
    assert list(management.vaults.list_deleted()) == []
