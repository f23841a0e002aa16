"""What examples at a vault's own host need: a vault with certificates, secrets, issuers and contacts."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from tests.conformance.preparing import before
from tests.conformance.scene import Scene

SERVICE = "keyvault/data-plane"
_MANAGEMENT_VERSION = "2023-07-01"
_POLICY = {
    "key_props": {"exportable": True, "kty": "RSA", "key_size": 2048, "reuse_key": False},
    "secret_props": {"contentType": "application/x-pkcs12"},
    "x509_props": {"subject": "CN=example.com", "sans": {"dns_names": ["example.com"]}, "validity_months": 12},
    "lifetime_actions": [{"trigger": {"lifetime_percentage": 80}, "action": {"action_type": "EmailContacts"}}],
    "issuer": {"name": "Self"},
}


@before(SERVICE, "CreateCertificate", "SetCertificateContacts", "SetCertificateIssuer", "SetSecret")
def vault(scene: Scene) -> None:
    """The vault of the scene's host; its operator may do everything, by RBAC."""
    group = f"rg-{scene.number}"
    scene.group(group)
    properties = {
        "tenantId": scene.speaker.env["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    path = f"/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{scene.host.partition('.')[0]}"
    body = {"location": "westus", "properties": properties}
    scene.speaker.manage("PUT", path, body, version=_MANAGEMENT_VERSION)


@before(SERVICE, "GetCertificates", "DeleteCertificate", "GetCertificateVersions", "GetCertificatePolicy")
@before(SERVICE, "UpdateCertificatePolicy", "UpdateCertificate", "GetCertificate")
@before(SERVICE, "BackupCertificate")
def certificate(scene: Scene) -> str:
    """A certificate of the example's name and a version of it; returns its path."""
    vault(scene)
    path = f"/certificates/{scene.values.get('certificate-name', 'listed')}"
    made = {"policy": _POLICY, "tags": {"department": "KeyVaultTest"}}
    scene.speaker.do("POST", scene.at(f"{path}/create"), made)
    found = scene.speaker.do("GET", scene.at(path))
    scene.values["certificate-version"] = found["id"].rpartition("/")[2]
    return path


@before(SERVICE, "UpdateCertificateOperation", "DeleteCertificateOperation", "GetCertificateOperation")
def pending(scene: Scene) -> Any:
    """A certificate that waits for its issuer; returns the operation."""
    vault(scene)
    policy = {**_POLICY, "issuer": {"name": "Unknown"}}
    name = scene.values["certificate-name"]
    return scene.speaker.do("POST", scene.at(f"/certificates/{name}/create"), {"policy": policy})


@before(SERVICE, "MergeCertificate")
def signed(scene: Scene) -> None:
    """A waiting certificate, and what an issuer made of its request in the place of the example's abridged text."""
    request = x509.load_der_x509_csr(base64.b64decode(pending(scene)["csr"]))
    authority = trustme.CA()
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer.subject, request.subject, request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=300))
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )
    scene.body["x5c"] = [base64.b64encode(made.public_bytes(Encoding.DER)).decode()]


@before(SERVICE, "ImportCertificate")
def importable(scene: Scene) -> None:
    """A PKCS#12 file under the example's password, in the place of its abridged text."""
    vault(scene)
    own = trustme.CA().issue_cert("example.com")
    leaf = x509.load_pem_x509_certificate(own.cert_chain_pems[0].bytes())
    key = load_pem_private_key(own.private_key_pem.bytes(), None)
    encryption = BestAvailableEncryption(scene.body["pwd"].encode())
    content = serialize_key_and_certificates(None, key, leaf, None, encryption)  # type: ignore[arg-type]
    scene.body["value"] = base64.b64encode(content).decode()


@before(SERVICE, "GetDeletedCertificates", "GetDeletedCertificate")
@before(SERVICE, "RecoverDeletedCertificate", "PurgeDeletedCertificate")
def deleted_certificate(scene: Scene) -> None:
    """Certificates that have been deleted: more than a page of the example's."""
    path = certificate(scene)
    scene.speaker.do("DELETE", scene.at(path))
    scene.speaker.do("POST", scene.at("/certificates/another/create"), {"policy": _POLICY})
    scene.speaker.do("DELETE", scene.at("/certificates/another"))


@before(SERVICE, "RestoreCertificate")
def backed_up_certificate(scene: Scene) -> None:
    """The backup of a certificate that is gone, in the place of the example's, which is of another vault."""
    path = certificate(scene)
    scene.body["value"] = scene.speaker.do("POST", scene.at(f"{path}/backup"))["value"]
    scene.speaker.do("DELETE", scene.at(path))
    scene.speaker.do("DELETE", scene.at(path.replace("/certificates/", "/deletedcertificates/")))


@before(SERVICE, "GetCertificateContacts", "DeleteCertificateContacts")
def contacts(scene: Scene) -> None:
    """A vault with contacts."""
    vault(scene)
    someone = {"email": "admin@contoso.com", "name": "John Doe", "phone": "1111111111"}
    scene.speaker.do("PUT", scene.at("/certificates/contacts"), {"contacts": [someone]})


@before(SERVICE, "GetCertificateIssuers", "GetCertificateIssuer", "UpdateCertificateIssuer", "DeleteCertificateIssuer")
def issuer(scene: Scene) -> None:
    """A vault with an issuer."""
    vault(scene)
    administrator = {"first_name": "John", "last_name": "Doe", "email": "admin@microsoft.com", "phone": "4255555555"}
    body = {
        "provider": "Test",
        "credentials": {"account_id": "keyvaultuser", "pwd": "password"},
        "org_details": {"admin_details": [administrator]},
    }
    name = scene.values.get("issuer-name", "issuer01")
    scene.speaker.do("PUT", scene.at(f"/certificates/issuers/{name}"), body)


@before(SERVICE, "GetSecrets", "GetSecret", "GetSecretVersions", "UpdateSecret", "DeleteSecret", "BackupSecret")
def secret(scene: Scene) -> str:
    """A secret of the example's name with two versions, and another one; returns its path."""
    vault(scene)
    path = f"/secrets/{scene.values.get('secret-name', 'listed')}"
    for each in (path, path, "/secrets/another"):
        found = scene.speaker.do("PUT", scene.at(each), {"value": "mysecretvalue", "contentType": "plainText"})
        if each == path:
            scene.values["secret-version"] = found["id"].rpartition("/")[2]
    return path


@before(SERVICE, "GetDeletedSecrets", "GetDeletedSecret", "RecoverDeletedSecret", "PurgeDeletedSecret")
def deleted_secret(scene: Scene) -> None:
    """Secrets that have been deleted: more than a page of the example's. Its page mark is another vault's."""
    path = secret(scene)
    scene.values.pop("$skiptoken", None)
    scene.speaker.do("DELETE", scene.at(path))
    scene.speaker.do("DELETE", scene.at("/secrets/another"))


@before(SERVICE, "RestoreSecret")
def backed_up_secret(scene: Scene) -> None:
    """The backup of a secret that is gone, in the place of the example's, which is of another vault."""
    path = secret(scene)
    scene.body["value"] = scene.speaker.do("POST", scene.at(f"{path}/backup"))["value"]
    scene.speaker.do("DELETE", scene.at(path))
    scene.speaker.do("DELETE", scene.at(path.replace("/secrets/", "/deletedsecrets/")))
