"""From a secret to the PEM file."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from local_azure.nodes.extension.pem import SecretError, read_secret

PEM, PFX = "application/x-pem-file", "application/x-pkcs12"


@pytest.mark.parametrize("content_type", [PEM, PFX])
@pytest.mark.parametrize(("major", "certificates"), [(1, 1), (2, 3), (3, 3)])
def test_each_version_writes_leaf_chain_and_key_in_order(
    issue: Callable[[str], Any], content_type: str, major: int, certificates: int
) -> None:
    """Whatever the order in the secret: leaf, then each issuer, then the key; 1.0 leaves the chain out."""
    issued = issue("web")
    file = read_secret(issued.pem if content_type == PEM else issued.pkcs12, content_type).file(major)
    assert x509.load_pem_x509_certificates(file) == issued.chain[:certificates]
    assert file.endswith(issued.key_pem)
    assert file.startswith(b"-----BEGIN CERTIFICATE-----")


def test_a_certificate_without_its_key_is_written_without(issue: Callable[[str], Any]) -> None:
    """The secret of a certificate that is not exportable has no key."""
    issued = issue("web")
    value = issued.pem.replace(issued.key_pem.decode(), "")
    file = read_secret(value, PEM).file(3)
    assert x509.load_pem_x509_certificates(file) == issued.chain
    assert b"PRIVATE KEY" not in file


def test_a_lone_self_signed_certificate_is_its_own_chain(issue: Callable[[str], Any]) -> None:
    """Issuer Self."""
    issued = issue("web")
    root = issued.chain[-1]
    value = issued.key_pem.decode() + root.public_bytes(Encoding.PEM).decode()
    assert read_secret(value, PEM).chain == (root,)


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        ("", PEM),
        ("hunter2", PEM),
        ("-----BEGIN PRIVATE KEY-----\nhunter2", PEM),
        ("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n", PEM),
        ("hunter2", PFX),
        (base64.b64encode(b"hunter2").decode(), PFX),
        ("hunter2", "text/plain"),
    ],
)
def test_what_is_no_certificate_is_refused_without_being_told(value: str, content_type: str) -> None:
    """The message holds nothing of the secret."""
    with pytest.raises(SecretError) as caught:
        read_secret(value, content_type)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
