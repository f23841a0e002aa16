"""Keys, signing requests and self-signed certificates, made as a policy says.

Sources: "About Azure Key Vault certificates" on Microsoft Learn; the extensions, their order, and the validity (from
ten minutes before issuance to whole calendar months after it) are those of certificates that the service has made.
"""

from __future__ import annotations

import calendar
import ipaddress
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from local_azure.services.keyvault.policies.policy import AlternativeNames, Policy
from local_azure.services.keyvault.policies.subject import parse_subject

BACKDATED = timedelta(minutes=10)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-256K": ec.SECP256K1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_HASHES: dict[int, _Hash] = {384: hashes.SHA384(), 521: hashes.SHA512()}  # by bits of the curve
USAGES = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}
UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")  # user principal name, an otherName of Microsoft's
_UTF8_STRING = 0x0C


def new_key(policy: Policy) -> PrivateKey:
    """A key of the policy's type and size; RSA takes a tenth of a second for 2048 bits, a second or more for 4096."""
    if policy.curve:
        return ec.generate_private_key(CURVES[policy.curve])
    return rsa.generate_private_key(65537, policy.key_size)


def fits(key: PrivateKey, policy: Policy) -> bool:
    """Whether *key* is what the policy asks for, so that a new version can use it again."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return policy.curve != "" and CURVES[policy.curve].name == key.curve.name
    return not policy.curve and key.key_size == policy.key_size


def key_pem(key: PrivateKey) -> str:
    """The key in PKCS #8 PEM, unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def load_key(pem: str) -> PrivateKey:
    """A key that `key_pem` wrote. Raises: ValueError for another kind than RSA and EC.

    It was looked at when it came in; checking an RSA key again would take a tenth of a second of every request.
    """
    return as_supported(serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True))


def as_supported(key: PrivateKeyTypes | None) -> PrivateKey:
    """*key*, known to be RSA or EC. Raises: ValueError for others and for none."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("the private key is neither RSA nor EC")  # noqa: TRY004 - bad content, not a bad call
    return key


def signing_request(policy: Policy, key: PrivateKey) -> bytes:
    """The certificate signing request, DER."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(parse_subject(policy.subject))
    for extension, critical in _requested(policy):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, _hash(key)).public_bytes(serialization.Encoding.DER)


def self_signed(policy: Policy, key: PrivateKey, now: datetime) -> str:
    """A certificate that *key* signs for itself, valid from ten minutes before *now*. PEM."""
    name, public = parse_subject(policy.subject), key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(secrets.randbits(127) | 1)
        .not_valid_before(now - BACKDATED)
        .not_valid_after(add_months(now, policy.validity_months))
    )
    for extension, critical in _requested(policy):
        builder = builder.add_extension(extension, critical=critical)
    subject_id = x509.SubjectKeyIdentifier.from_public_key(public)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_id), critical=False
    )
    builder = builder.add_extension(subject_id, critical=False)
    return builder.sign(key, _hash(key)).public_bytes(serialization.Encoding.PEM).decode()


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time *months* calendar months later; the month's last day where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _hash(key: PrivateKey) -> _Hash:
    curve_bits = key.curve.key_size if isinstance(key, ec.EllipticCurvePrivateKey) else 0
    return _HASHES.get(curve_bits, hashes.SHA256())


def _requested(policy: Policy) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """The extensions that the policy asks for, each with whether it is critical."""
    if policy.key_usage:
        yield _key_usage(policy.key_usage), True
    yield x509.BasicConstraints(ca=policy.ca, path_length=None), False
    if policy.ekus:
        yield x509.ExtendedKeyUsage([x509.ObjectIdentifier(eku) for eku in policy.ekus]), False
    if policy.names != AlternativeNames():
        yield x509.SubjectAlternativeName(list(_names(policy.names))), False


def _key_usage(usages: tuple[str, ...]) -> x509.KeyUsage:
    flags = {flag: usage in usages for usage, flag in USAGES.items()}
    if not flags["key_agreement"]:  # X.509 gives the two a meaning with key agreement only
        flags |= {"encipher_only": False, "decipher_only": False}
    return x509.KeyUsage(**flags)


def _names(names: AlternativeNames) -> Iterator[x509.GeneralName]:
    yield from (x509.DNSName(name) for name in names.dns_names)
    yield from (x509.RFC822Name(name) for name in names.emails)
    yield from (x509.OtherName(UPN, _utf8_string(name)) for name in names.upns)
    yield from (x509.UniformResourceIdentifier(name) for name in names.uris)
    yield from (x509.IPAddress(ipaddress.ip_address(address)) for address in names.ip_addresses)


def _utf8_string(text: str) -> bytes:
    """*text* as a DER UTF8String."""
    content = text.encode()
    if len(content) < 0x80:
        return bytes([_UTF8_STRING, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([_UTF8_STRING, 0x80 | len(size)]) + size + content
