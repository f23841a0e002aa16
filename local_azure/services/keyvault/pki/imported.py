"""The policy of a certificate that was made elsewhere: what the certificate and its key say themselves.

Source: the Azure CLI's test recordings of imports.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.pki.content import Content
from local_azure.services.keyvault.pki.x509 import CURVES, UPN, USAGES, add_months
from local_azure.services.keyvault.policies.policy import RSA_BITS, AlternativeNames, Policy
from local_azure.services.keyvault.policies.subject import subject_text

E = TypeVar("E", bound=x509.ExtensionType)


def policy_of(content: Content, policy: Policy) -> Policy:
    """*policy* with the subject, names, key, uses and validity of *content*.

    The validity counts each month that has begun. Raises: AzureError 400 for a key that Key Vault does not take.
    """
    leaf, key = content.leaf, content.key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size not in RSA_BITS:
        raise errors.invalid_value("policy.key_props.key_size", str(key.key_size))
    constraints = _extension(leaf, x509.BasicConstraints)
    ekus = _extension(leaf, x509.ExtendedKeyUsage)
    usage = _extension(leaf, x509.KeyUsage)
    return replace(
        policy,
        subject=subject_text(leaf.subject),
        names=_names(_extension(leaf, x509.SubjectAlternativeName)),
        kty="EC" if isinstance(key, ec.EllipticCurvePrivateKey) else "RSA",
        key_size=key.key_size,
        curve=_curve(key.curve) if isinstance(key, ec.EllipticCurvePrivateKey) else "",
        ekus=tuple(eku.dotted_string for eku in ekus) if ekus else (),
        key_usage=_usages(usage) if usage else (),
        validity_months=_months(leaf.not_valid_before_utc, leaf.not_valid_after_utc),
        ca=constraints is not None and constraints.ca,
    )


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _curve(given: ec.EllipticCurve) -> str:
    for name, curve in CURVES.items():
        if curve.name == given.name:
            return name
    raise errors.invalid_value("policy.key_props.crv", given.name)


def _names(given: x509.SubjectAlternativeName | None) -> AlternativeNames:
    if given is None:
        return AlternativeNames()
    others = given.get_values_for_type(x509.OtherName)
    return AlternativeNames(
        dns_names=tuple(given.get_values_for_type(x509.DNSName)),
        emails=tuple(given.get_values_for_type(x509.RFC822Name)),
        upns=tuple(_text(other.value) for other in others if other.type_id == UPN),
        uris=tuple(given.get_values_for_type(x509.UniformResourceIdentifier)),
        ip_addresses=tuple(str(address) for address in given.get_values_for_type(x509.IPAddress)),
    )


def _text(der: bytes) -> str:
    """The text of a DER UTF8String, whose length takes one byte or, from 128 on, says how many bytes it takes."""
    size = der[1]
    return der[2 if size < 0x80 else 2 + (size & 0x7F) :].decode()


def _usages(given: x509.KeyUsage) -> tuple[str, ...]:
    only_with_agreement = {"encipher_only", "decipher_only"}
    flags = {
        flag: given.key_agreement and getattr(given, flag) if flag in only_with_agreement else getattr(given, flag)
        for flag in USAGES.values()
    }
    return tuple(sorted(usage for usage, flag in USAGES.items() if flags[flag]))


def _months(begin: datetime, end: datetime) -> int:
    months = (end.year - begin.year) * 12 + end.month - begin.month
    return max(1, months + (add_months(begin, months) < end))
