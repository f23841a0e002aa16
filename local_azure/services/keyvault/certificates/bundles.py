"""Certificates as others read them: identifiers, and the secret that belongs to a version."""

from __future__ import annotations

import base64
import functools
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from local_azure.services.keyvault.pki.x509 import load_key
from local_azure.services.keyvault.policies.policy import PEM
from local_azure.services.keyvault.state.certificates import Version

_REMEMBERED = (
    512  # versions; loading an RSA key takes tens of milliseconds, and a pool's nodes all ask for the same one
)


class Leaf(NamedTuple):
    """What Key Vault shows of a version's leaf certificate: SHA-1 in base64url, DER in base64, validity."""

    thumbprint: str
    der: str
    not_before: datetime
    expires: datetime


def leaf(version: Version) -> Leaf:
    """The leaf certificate of *version*."""
    return _leaf(version.certificates[0])


@functools.lru_cache(_REMEMBERED)
def _leaf(pem: str) -> Leaf:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    # SHA-1 is what x5t is defined with (RFC 7515, 4.1.7); it names the certificate and protects nothing.
    thumbprint = certificate.fingerprint(hashes.SHA1())  # noqa: S303
    return Leaf(
        thumbprint=base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode(),
        der=base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode(),
        not_before=certificate.not_valid_before_utc,
        expires=certificate.not_valid_after_utc,
    )


def secret_value(version: Version) -> str:
    """The value of the secret that belongs to *version*: PEM text, or PKCS #12 without a password in base64.

    Source: "About Azure Key Vault certificates": where the policy says non-exportable, the private key is not part of
    the value.
    """
    if version.content_type == PEM:
        return (version.key if version.exportable else "") + "".join(version.certificates)
    return _pkcs12(version.key if version.exportable else "", tuple(version.certificates))


@functools.lru_cache(_REMEMBERED)
def _pkcs12(key_pem: str, pems: tuple[str, ...]) -> str:
    leaf_certificate, *others = (x509.load_pem_x509_certificate(pem.encode()) for pem in pems)
    key = load_key(key_pem) if key_pem else None
    content = pkcs12.serialize_key_and_certificates(
        None, key, leaf_certificate, others or None, serialization.NoEncryption()
    )
    return base64.b64encode(content).decode()
