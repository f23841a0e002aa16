"""Certificates that come from outside: imported with their key, or signed elsewhere and merged.

Sources: "Importing Azure Key Vault certificates FAQ" on Microsoft Learn for what is taken, the Azure CLI's test
recordings for the refusals.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.pki.x509 import PrivateKey, as_supported
from local_azure.services.keyvault.policies.policy import PEM

_KEY_BLOCK = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_DER = b"\x30"  # an ASN.1 sequence; the same in base64 begins with M
_UNEXPECTED_PEM = (
    "The specified PEM X.509 certificate content is in an unexpected format. "
    "Please check if certificate is in valid PEM format."
)
_UNREADABLE_PFX = (
    "The specified PKCS#12 X.509 certificate content can not be read. "
    "Please check if certificate is in valid PKCS#12 format."
)
_NO_KEY = (
    "No certificate with private key found in the specified X.509 certificate content. "
    "Please specify X.509 certificate content with only one certificate containing private key."
)
_OTHER_KEY = (
    "The public key of the end-entity certificate in the specified X.509 certificate content does not match the public "
    "part of the specified private key. Please check if certificate is valid."
)


@dataclass(frozen=True)
class Content:
    """A private key and its certificates, the leaf first."""

    key: PrivateKey
    certificates: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate of the key."""
        return self.certificates[0]

    @property
    def pems(self) -> list[str]:
        """The certificates in PEM."""
        return [certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in self.certificates]


def read_content(value: str, password: str, content_type: str, now: datetime) -> Content:
    """What an import brings, in the format that the policy's content type says.

    Raises: AzureError 400 for other formats, for a key that is missing or another certificate's, and for a PFX that has
    expired.
    """
    if content_type == PEM:
        return _read_pem(value, password.encode() or None)
    content = _read_pfx(value, password.encode() or None)
    if content.leaf.not_valid_after_utc <= now:
        raise errors.bad_parameter("The specified PKCS#12 X.509 certificate content has expired.")
    return content


def looks_like_pem(value: str) -> bool:
    """Whether an import whose request names no content type is read as PEM.

    The Azure CLI sends a PEM file so, and Key Vault takes it. Sources: "Tutorial: Import a certificate in Azure Key
    Vault" on Microsoft Learn; Azure/azure-cli#19017 for the refusal of such an import in the words for PEM.
    """
    return _as_pem(value).startswith("-----BEGIN")


def read_signed(values: Iterable[str], key: PrivateKey) -> Content:
    """What a merge brings: certificates in base64, one of them for the pending *key*. Raises: AzureError 400."""
    try:
        certificates = [_signed(base64.b64decode(value)) for value in values]
    except ValueError:
        raise errors.invalid_value("x5c") from None
    return _paired(key, certificates)


def _signed(content: bytes) -> x509.Certificate:
    """A certificate in DER, in PEM, or in base64 alone, as the tests of Azure's SDK for Python hand it over."""
    if content.startswith(_DER):
        return x509.load_der_x509_certificate(content)
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificate(content)
    return x509.load_der_x509_certificate(base64.b64decode(content))


def _read_pem(value: str, password: bytes | None) -> Content:
    """PEM as it is, or in base64 as the clients for Python and .NET send it."""
    value = _as_pem(value)
    if "\r" in value:  # Unix line ends only, says the FAQ
        raise errors.bad_parameter(_UNEXPECTED_PEM)
    key_block = _KEY_BLOCK.search(value)
    if key_block is None:
        raise errors.bad_parameter(_NO_KEY)
    try:
        certificates = x509.load_pem_x509_certificates(value.encode())
        secret = password if "ENCRYPTED" in key_block[0] else None
        key = as_supported(serialization.load_pem_private_key(key_block[0].encode(), secret))
    except (ValueError, TypeError):
        raise errors.bad_parameter(_UNEXPECTED_PEM) from None
    return _paired(key, certificates)


def _as_pem(value: str) -> str:
    if "-----BEGIN" not in value:
        with contextlib.suppress(ValueError):
            return base64.b64decode(value).decode().lstrip()
    return value.lstrip()


def _read_pfx(value: str, password: bytes | None) -> Content:
    try:
        content = pkcs12.load_pkcs12(base64.b64decode(value), password)
        key = as_supported(content.key) if content.key else None
    except (ValueError, TypeError):
        raise errors.bad_parameter(_UNREADABLE_PFX) from None
    if key is None:
        raise errors.bad_parameter(_NO_KEY)
    found = [content.cert, *content.additional_certs]
    return _paired(key, [item.certificate for item in found if item])


def _paired(key: PrivateKey, certificates: list[x509.Certificate]) -> Content:
    """*key* with its certificate first and the others after it."""
    public = key.public_key()
    leaf = next((certificate for certificate in certificates if certificate.public_key() == public), None)
    if leaf is None:
        raise errors.bad_parameter(_OTHER_KEY if certificates else _NO_KEY)
    return Content(key, (leaf, *(certificate for certificate in certificates if certificate is not leaf)))
