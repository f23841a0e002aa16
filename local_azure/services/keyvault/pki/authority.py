"""A private certificate authority: a root, an issuing certificate below it, and leaves that the latter signs.

It stands for a public one, and its names say that it is none. Sources: RFC 5280 for what each certificate carries; CA/
Browser Forum Baseline Requirements, 7.1.2.7, for a leaf whose alternative names repeat its common name.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from local_azure.services.keyvault.pki.x509 import PrivateKey, add_months, key_pem, load_key

_ROOT_MONTHS, _ISSUING_MONTHS = 25 * 12, 10 * 12
_BACKDATED = timedelta(days=1)
_CURVE = ec.SECP384R1()
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass
class Signer:
    """A certificate that signs others, PEM, and its key, PKCS #8 PEM."""

    certificate: str
    key: str = field(repr=False)


@dataclass
class Authority:
    """A certificate authority: its root, and what the root lets issue."""

    root: Signer
    issuing: Signer


@dataclass(frozen=True)
class _Span:
    begin: datetime
    end: datetime


def new_authority(name: str, now: datetime) -> Authority:
    """An authority called *name* that can sign for ten years."""
    root = _signer(f"{name} Root CA", _Span(now - _BACKDATED, add_months(now, _ROOT_MONTHS)), None)
    issuing = _signer(f"{name} TLS Issuing CA", _Span(now - _BACKDATED, add_months(now, _ISSUING_MONTHS)), root)
    return Authority(root, issuing)


def outlives(authority: Authority, moment: datetime) -> bool:
    """Whether a leaf that ends at *moment* ends before what signs it."""
    return _load(authority.issuing.certificate).not_valid_after_utc > moment


def sign(authority: Authority, request: bytes, now: datetime, months: int) -> list[str]:
    """The certificate that *request* (a DER signing request) asks for, then issuing certificate and root; PEM.

    It is valid from *now* on for whole calendar months. The request's key usage, extended key usage and alternative
    names are kept.
    """
    asked = x509.load_der_x509_csr(request)
    public, span = asked.public_key(), _Span(now, add_months(now, months))
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError("the request is for a key that is neither RSA nor EC")
    builder = _builder(asked.subject, public, authority.issuing, span)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    for extension in asked.extensions:
        if isinstance(extension.value, x509.KeyUsage | x509.ExtendedKeyUsage):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    if names := _names(asked):
        builder = builder.add_extension(names, critical=False)
    leaf = _signed(builder, load_key(authority.issuing.key))
    return [leaf, authority.issuing.certificate, authority.root.certificate]


def _names(asked: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    """The alternative names of the request; without any, its common name."""
    try:
        return asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = [str(found.value) for found in asked.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        names = [x509.DNSName(name) for name in common if name.isascii()]
        return x509.SubjectAlternativeName(names) if names else None


def _signer(name: str, span: _Span, parent: Signer | None) -> Signer:
    """A certificate authority's certificate: the root's own work where there is no *parent*."""
    key = ec.generate_private_key(_CURVE)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Embedded Azure, trusted by nobody"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = _builder(subject, key.public_key(), parent, span)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0 if parent else None), critical=True)
    builder = builder.add_extension(_CA_USAGE, critical=True)
    return Signer(_signed(builder, load_key(parent.key) if parent else key), key_pem(key))


def _builder(subject: x509.Name, public: PublicKey, parent: Signer | None, span: _Span) -> x509.CertificateBuilder:
    """What all its certificates have: names, serial number, validity, and whose keys they are."""
    issuer = _load(parent.certificate) if parent else None
    own = x509.SubjectKeyIdentifier.from_public_key(public)
    above = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value if issuer else own
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(public)
        .serial_number(secrets.randbits(127) | 1)
        .not_valid_before(span.begin)
        .not_valid_after(span.end)
        .add_extension(own, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> str:
    return builder.sign(key, hashes.SHA384()).public_bytes(serialization.Encoding.PEM).decode()


def _load(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())
