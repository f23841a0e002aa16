"""azure-keyvault-certificates: everything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def test_a_certificate_is_created_and_read(sdk: Any, certificates: Any, made: Any) -> None:
    """Current, by version, in the lists; with its thumbprint, policy and tags."""
    digest = hashlib.sha1(bytes(made.cer), usedforsecurity=False).digest()
    assert bytes(made.properties.x509_thumbprint) == digest
    assert made.properties.tags == {"team": "render"}
    assert made.policy.lifetime_actions[0].days_before_expiry == 30
    current = sdk.done(certificates.get_certificate(made.name))
    assert sdk.done(certificates.get_certificate_version(made.name, made.properties.version)).cer == current.cer
    assert made.name in [one.name for one in sdk.all(certificates.list_properties_of_certificates())]
    versions = sdk.all(certificates.list_properties_of_certificate_versions(made.name))
    assert [one.version for one in versions] == [made.properties.version]


def test_a_second_version_takes_the_firsts_place(sdk: Any, certificates: Any, policy: Any, made: Any) -> None:
    """Creating again under the same name."""
    second = sdk.act(certificates, "create_certificate", made.name, policy())
    assert sdk.done(certificates.get_certificate(made.name)).properties.version == second.properties.version
    assert len(sdk.all(certificates.list_properties_of_certificate_versions(made.name))) == 2


def test_properties_and_policy_are_changed(sdk: Any, certificates: Any, policy: Any, made: Any) -> None:
    """What is not given stays."""
    from azure.keyvault.certificates import LifetimeAction

    sdk.done(certificates.update_certificate_properties(made.name, enabled=False, tags={"team": "light"}))
    changed = sdk.done(certificates.get_certificate(made.name)).properties
    assert (changed.enabled, changed.tags) == (False, {"team": "light"})
    action = LifetimeAction("AutoRenew", lifetime_percentage=75)
    sdk.done(certificates.update_certificate_policy(made.name, policy(lifetime_actions=[action], key_type=None)))
    found = sdk.done(certificates.get_certificate_policy(made.name))
    assert (found.key_type, found.lifetime_actions[0].lifetime_percentage) == ("EC", 75)


def test_a_certificate_is_deleted_recovered_and_purged(sdk: Any, certificates: Any, policy: Any, made: Any) -> None:
    """Its namesake is refused meanwhile."""
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    deleted = sdk.act(certificates, "delete_certificate", made.name)
    assert deleted.scheduled_purge_date - deleted.deleted_on == timedelta(days=7)
    assert made.name in [one.name for one in sdk.all(certificates.list_deleted_certificates())]
    with pytest.raises(HttpResponseError) as taken:
        sdk.act(certificates, "create_certificate", made.name, policy())
    assert taken.value.error.innererror["code"] == "ObjectIsDeletedButRecoverable"
    sdk.act(certificates, "recover_deleted_certificate", made.name)
    assert sdk.done(certificates.get_certificate(made.name)).cer == made.cer
    sdk.act(certificates, "delete_certificate", made.name)
    assert sdk.done(certificates.get_deleted_certificate(made.name)).name == made.name
    sdk.done(certificates.purge_deleted_certificate(made.name))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(certificates.get_deleted_certificate(made.name))


def test_a_backup_is_restored(sdk: Any, certificates: Any, made: Any) -> None:
    """With the very same certificate."""
    backup = sdk.done(certificates.backup_certificate(made.name))
    sdk.act(certificates, "delete_certificate", made.name)
    sdk.done(certificates.purge_deleted_certificate(made.name))
    assert sdk.done(certificates.restore_certificate_backup(backup)).cer == made.cer


@pytest.mark.parametrize("form", ["PEM", "PKCS #12"])
def test_a_certificate_is_imported(
    sdk: Any, certificates: Any, secrets: Any, make_certificate: Callable[..., bytes], form: str
) -> None:
    """In either format; its secret holds the key in the same one."""
    from azure.keyvault.certificates import CertificatePolicy
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    pem = make_certificate("imported.example.com")
    content, kind = pem, "application/x-pem-file"
    if form == "PKCS #12":
        key = serialization.load_pem_private_key(pem, None)
        protection = serialization.BestAvailableEncryption(b"password")
        content = pkcs12.serialize_key_and_certificates(
            None, key, x509.load_pem_x509_certificate(pem), None, protection
        )
        kind = "application/x-pkcs12"
    name = f"imported-{form[:3]}"
    password = "password" if form == "PKCS #12" else None
    imported = sdk.done(
        certificates.import_certificate(name, content, password=password, policy=CertificatePolicy(content_type=kind))
    )
    assert bytes(imported.cer) == x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    assert imported.policy.issuer_name == "Unknown"
    secret = sdk.done(secrets.get_secret(name))
    assert secret.properties.content_type == kind
    if form == "PEM":
        assert "BEGIN PRIVATE KEY" in secret.value
    else:
        assert pkcs12.load_pkcs12(base64.b64decode(secret.value), None).key


def test_a_signing_request_is_merged(sdk: Any, certificates: Any, policy: Any) -> None:
    """Somebody else signs what Key Vault asks for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    sdk.act(certificates, "create_certificate", "merged", policy(issuer_name="Unknown", lifetime_actions=None))
    operation = sdk.done(certificates.get_certificate_operation("merged"))
    assert operation.status == "inProgress"
    request, key = x509.load_der_x509_csr(bytes(operation.csr)), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody's CA")]))
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    merged = sdk.done(certificates.merge_certificate("merged", [base64.b64encode(signed)]))
    assert bytes(merged.cer) == signed


def test_a_creation_is_cancelled_and_forgotten(sdk: Any, certificates: Any, policy: Any) -> None:
    """As long as it is in progress."""
    from azure.core.exceptions import ResourceNotFoundError

    sdk.act(certificates, "create_certificate", "cancelled", policy(issuer_name="Unknown", lifetime_actions=None))
    assert sdk.done(certificates.cancel_certificate_operation("cancelled")).cancellation_requested is True
    sdk.done(certificates.delete_certificate_operation("cancelled"))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(certificates.get_certificate_operation("cancelled"))
