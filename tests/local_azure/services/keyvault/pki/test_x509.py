from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from local_azure.services.keyvault.pki.x509 import (
    add_months,
    fits,
    key_pem,
    load_key,
    new_key,
    self_signed,
    signing_request,
)
from local_azure.services.keyvault.policies.policy import AlternativeNames, Policy

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def policy(**changes):
    given = {"subject": "C=US, O=Contoso, CN=www.example.com", "kty": "EC", "curve": "P-256", "key_size": 256}
    return Policy(NOW, NOW, **{**given, **changes})


def made(asked):
    key = new_key(asked)
    return x509.load_pem_x509_certificate(self_signed(asked, key, NOW).encode()), key


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


@pytest.mark.parametrize(
    ("begin", "months", "end"),
    [
        ((2026, 1, 15), 12, (2027, 1, 15)),
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2027, 12, 31), 2, (2028, 2, 29)),
        ((2026, 8, 31), 1, (2026, 9, 30)),
        ((2028, 2, 29), 12, (2029, 2, 28)),
        ((2026, 12, 1), 1, (2027, 1, 1)),
        ((2026, 6, 30), 120, (2036, 6, 30)),
    ],
)
def test_months_are_calendar_months(begin, months, end):
    """The same day of the month, or the month's last."""
    assert add_months(datetime(*begin, 7, 30, tzinfo=UTC), months) == datetime(*end, 7, 30, tzinfo=UTC)


def test_a_certificate_is_what_the_policy_says():
    """Subject, names, uses and validity, each read back from the certificate."""
    names = AlternativeNames(
        dns_names=("www.example.com", "*.example.com"),
        emails=("ops@example.com",),
        upns=("ops@corp.example.com",),
        uris=("https://example.com/id",),
        ip_addresses=("10.0.0.1", "::1"),
    )
    certificate, key = made(policy(names=names, ekus=("1.3.6.1.5.5.7.3.1",), key_usage=("digitalSignature",)))
    assert certificate.subject == certificate.issuer
    assert [rdn.rfc4514_string() for rdn in certificate.subject.rdns] == ["CN=www.example.com", "O=Contoso", "C=US"]
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=10)
    assert certificate.not_valid_after_utc == NOW.replace(year=2027)
    assert certificate.public_key() == key.public_key()
    alternative = extension(certificate, x509.SubjectAlternativeName).value
    assert alternative.get_values_for_type(x509.DNSName) == list(names.dns_names)
    assert alternative.get_values_for_type(x509.RFC822Name) == list(names.emails)
    assert alternative.get_values_for_type(x509.UniformResourceIdentifier) == list(names.uris)
    assert alternative.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(a) for a in names.ip_addresses]
    assert alternative.get_values_for_type(x509.OtherName)[0].value == b"\x0c\x14ops@corp.example.com"
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_encipherment) == (True, False)
    assert list(extension(certificate, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert extension(certificate, x509.BasicConstraints).value.ca is False
    certificate.verify_directly_issued_by(certificate)


def test_a_long_principal_name_is_encoded_with_a_long_length():
    """From 128 bytes on, DER writes the length in bytes of its own."""
    certificate, _ = made(policy(names=AlternativeNames(upns=("u" * 200,))))
    other = extension(certificate, x509.SubjectAlternativeName).value.get_values_for_type(x509.OtherName)[0]
    assert other.value == b"\x0c\x81\xc8" + b"u" * 200


@pytest.mark.parametrize(
    ("changes", "kind", "bits"),
    [
        ({"kty": "RSA", "curve": "", "key_size": 2048}, rsa.RSAPrivateKey, 2048),
        ({"kty": "RSA", "curve": "", "key_size": 3072}, rsa.RSAPrivateKey, 3072),
        ({"curve": "P-256"}, ec.EllipticCurvePrivateKey, 256),
        ({"curve": "P-384"}, ec.EllipticCurvePrivateKey, 384),
        ({"curve": "P-521"}, ec.EllipticCurvePrivateKey, 521),
        ({"curve": "P-256K"}, ec.EllipticCurvePrivateKey, 256),
    ],
)
def test_each_kind_of_key_signs_for_itself(changes, kind, bits):
    """Type and size are the policy's, the signature holds, and the key survives PEM."""
    asked = policy(**changes)
    certificate, key = made(asked)
    assert isinstance(key, kind)
    assert key.key_size == bits
    certificate.verify_directly_issued_by(certificate)
    again = load_key(key_pem(key))
    assert again.public_key() == key.public_key()
    assert fits(again, asked)
    assert not fits(again, policy(curve="P-384" if bits != 384 else "P-256"))


def test_the_signing_request_is_for_the_same_name_and_key():
    """What is sent to another authority is signed by the new key and asks for the policy's extensions."""
    asked = policy(names=AlternativeNames(dns_names=("a.example.com",)))
    key = new_key(asked)
    request = x509.load_der_x509_csr(signing_request(asked, key))
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    assert extension(request, x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == ["a.example.com"]
