"""A private certificate authority."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from local_azure.services.keyvault.pki.authority import new_authority, outlives, sign
from local_azure.services.keyvault.pki.x509 import new_key, signing_request
from local_azure.services.keyvault.policies.policy import AlternativeNames, Policy

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
AUTHORITY = new_authority("Nobody", NOW)


def leaf(**changes):
    policy = Policy(NOW, NOW, subject="CN=www.example.com", kty="EC", curve="P-256", key_size=256)
    policy = Policy(**{**vars(policy), **changes})
    pems = sign(AUTHORITY, signing_request(policy, new_key(policy)), NOW, policy.validity_months)
    return x509.load_pem_x509_certificate(pems[0].encode())


def value(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind).value


def test_the_authority_names_itself_as_nobodys():
    """Two certificates that may sign, the lower one for leaves alone."""
    root, issuing = (
        x509.load_pem_x509_certificate(signer.certificate.encode()) for signer in (AUTHORITY.root, AUTHORITY.issuing)
    )
    issuing.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    for certificate, depth in ((root, None), (issuing, 0)):
        assert value(certificate, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=depth)
        assert value(certificate, x509.KeyUsage).key_cert_sign
        assert "trusted by nobody" in certificate.subject.rfc4514_string()


def test_a_leaf_has_what_was_asked_for():
    """Uses and names come from the request; it is valid from the moment of signing, for whole months."""
    made = leaf(
        names=AlternativeNames(dns_names=("a.example.com",)),
        ekus=(ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,),
        validity_months=1,
    )
    assert list(value(made, x509.ExtendedKeyUsage)) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert value(made, x509.SubjectAlternativeName).get_values_for_type(x509.DNSName) == ["a.example.com"]
    assert value(made, x509.BasicConstraints).ca is False
    assert (made.not_valid_before_utc, made.not_valid_after_utc) == (NOW, datetime(2026, 6, 30, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("subject", "names"), [("CN=www.example.com", ["www.example.com"]), ("O=Example", None), ("CN=Jürgen", None)]
)
def test_the_common_name_stands_in_for_missing_names(subject, names):
    """Where it can be a host's."""
    extensions = leaf(subject=subject).extensions
    found = [
        extension.value.get_values_for_type(x509.DNSName)
        for extension in extensions
        if isinstance(extension.value, x509.SubjectAlternativeName)
    ]
    assert found == ([names] if names else [])


def test_how_long_it_can_sign():
    """Ten years."""
    assert outlives(AUTHORITY, datetime(2036, 5, 30, tzinfo=UTC))
    assert not outlives(AUTHORITY, datetime(2036, 6, 1, tzinfo=UTC))
