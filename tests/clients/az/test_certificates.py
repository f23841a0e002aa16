"""Certificates of a vault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def policy(az: Any, write_policy: Any) -> str:
    """A file with a policy."""
    return str(write_policy(az))


def test_a_certificate_is_created_and_changed(az: Any, vault: str, policy: str) -> None:
    """Each creation is a version; attributes and tags are changed on the current one."""
    create = "keyvault certificate create --vault-name {} --name web --policy {}"
    assert az(create, vault, policy)["status"] == "completed"
    first = az("keyvault certificate show --vault-name {} --name web", vault)
    az("keyvault certificate set-attributes --vault-name {} --name web --enabled false --tags team=render", vault)
    changed = az("keyvault certificate show --vault-name {} --name web", vault)
    assert (changed["attributes"]["enabled"], changed["tags"]) == (False, {"team": "render"})
    az(create, vault, policy)
    versions = az("keyvault certificate list-versions --vault-name {} --name web", vault)
    assert len(versions) == 2
    assert first["id"] in [one["id"] for one in versions]
    assert "web" in [one["name"] for one in az("keyvault certificate list --vault-name {}", vault)]


def test_a_certificate_is_deleted_recovered_and_purged(az: Any, vault: str, policy: str) -> None:
    """The namesake is refused meanwhile; afterwards the name is free."""
    az("keyvault certificate create --vault-name {} --name going --policy {}", vault, policy)
    az("keyvault certificate delete --vault-name {} --name going", vault)
    assert [one["name"] for one in az("keyvault certificate list-deleted --vault-name {}", vault)] == ["going"]
    az("keyvault certificate recover --vault-name {} --name going", vault)
    az("keyvault certificate delete --vault-name {} --name going", vault)
    az("keyvault certificate purge --vault-name {} --name going", vault)
    assert az("keyvault certificate list-deleted --vault-name {}", vault) == []


def test_a_certificate_is_imported(az: Any, vault: str, tmp_path: Path, az_python: Any) -> None:
    """From a PEM file, without a policy; the same certificate is downloaded again, and its secret has the key."""
    file = tmp_path / "own.pem"
    az_python(MAKE_PEM, str(file))
    imported = az("keyvault certificate import --vault-name {} --name own --file {}", vault, str(file))
    assert imported["policy"]["issuerParameters"]["name"] == "Unknown"
    assert imported["policy"]["secretProperties"]["contentType"] == "application/x-pem-file"
    az("keyvault certificate download --vault-name {} --name own --file {}", vault, str(tmp_path / "back.pem"))
    certificate = (tmp_path / "back.pem").read_text().split("-----")[2].replace("\n", "")
    assert certificate in file.read_text().replace("\n", "")
    secret = az("keyvault secret show --vault-name {} --name own", vault)
    assert "BEGIN PRIVATE KEY" in secret["value"]


MAKE_PEM = """
import sys
from datetime import datetime, timedelta, timezone
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

key, now = rsa.generate_private_key(65537, 2048), datetime.now(timezone.utc)
name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "own.example.com")])
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + timedelta(days=30))
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
with open(sys.argv[1], "wb") as file:
    file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    file.write(certificate.public_bytes(pem))
"""


def test_backup_contacts_and_issuers(az: Any, vault: str, policy: str, tmp_path: Path) -> None:
    """What else belongs to a vault's certificates."""
    az("keyvault certificate create --vault-name {} --name kept --policy {}", vault, policy)
    before = az("keyvault certificate show --vault-name {} --name kept", vault)
    az("keyvault certificate backup --vault-name {} --name kept --file {}", vault, str(tmp_path / "kept"))
    az("keyvault certificate delete --vault-name {} --name kept", vault)
    az("keyvault certificate purge --vault-name {} --name kept", vault)
    restored = az("keyvault certificate restore --vault-name {} --file {}", vault, str(tmp_path / "kept"))
    assert restored["cer"] == before["cer"]
    contacts = az("keyvault certificate contact add --vault-name {} --email ada@example.com", vault)
    assert [one["emailAddress"] for one in contacts["contactList"]] == ["ada@example.com"]
    az("keyvault certificate issuer create --vault-name {} --issuer-name ca --provider-name DigiCert", vault)
    assert len(az("keyvault certificate issuer list --vault-name {}", vault)) == 1
