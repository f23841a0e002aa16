"""From a Key Vault secret to the PEM file that the extension writes.

Source: Key Vault VM extension for Linux, "Certificate Installation on Linux": leaf, intermediates, root, private key;
versions before 2.0 left the chain out.
"""

from __future__ import annotations

import base64
import binascii
import functools
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

_PKCS12 = "application/x-pkcs12"
_KEY_BEGIN, _KEY_END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
_REMEMBERED = 64  # secrets
_WITH_CHAIN = 2  # the first major version that writes the chain


class SecretError(Exception):
    """The secret holds no certificate that can be read. The text has nothing of its value."""


@dataclass(frozen=True)
class Bundle:
    """What a certificate's secret holds: *chain* with the leaf first, and the key, b"" where it is not exportable."""

    chain: tuple[x509.Certificate, ...]
    key: bytes

    def file(self, major: int) -> bytes:
        """The PEM file as the extension's *major* version writes it."""
        chain = self.chain if major >= _WITH_CHAIN else self.chain[:1]
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain) + self.key


@functools.lru_cache(_REMEMBERED)
def read_secret(value: str, content_type: str) -> Bundle:
    """Read a secret's value. Raises: SecretError.

    What was read is remembered: all nodes of a pool read the same few secrets, and a PKCS #12 with an RSA key takes a
    tenth of a second.
    """
    try:
        chain, key = _from_pkcs12(value) if content_type == _PKCS12 else _from_pem(value)
    except (ValueError, binascii.Error):
        raise SecretError("the secret holds no certificate that can be read") from None  # its text may quote the value
    if not chain:
        raise SecretError("the secret holds no certificate")
    return Bundle(chain=_leaf_first(chain), key=key)


def _from_pem(value: str) -> tuple[list[x509.Certificate], bytes]:
    key = b""
    if _KEY_BEGIN in value:
        begin, end = value.index(_KEY_BEGIN), value.index(_KEY_END) + len(_KEY_END)
        key = f"{value[begin:end]}\n".encode()
        load_pem_private_key(key, None, unsafe_skip_rsa_key_validation=True)
    return x509.load_pem_x509_certificates(value.encode()), key


def _from_pkcs12(value: str) -> tuple[list[x509.Certificate], bytes]:
    store = pkcs12.load_pkcs12(base64.b64decode(value, validate=True), None)
    certificates = [held.certificate for held in (store.cert, *store.additional_certs) if held]
    if store.key is None:
        return certificates, b""
    return certificates, store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _leaf_first(certificates: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The leaf, then each certificate that issued the one before; strangers last, in the order given."""
    issuers = {certificate.issuer for certificate in certificates if certificate.issuer != certificate.subject}
    rest = list(certificates)
    leaf = next((certificate for certificate in rest if certificate.subject not in issuers), rest[0])
    ordered = []
    following: x509.Certificate | None = leaf
    while following is not None:
        rest.remove(following)
        ordered.append(following)
        wanted = following.issuer
        following = next((certificate for certificate in rest if certificate.subject == wanted), None)
    return (*ordered, *rest)
