"""X.500 names in the text form that Key Vault takes: `C=US, O="Contoso, Ltd.", CN=www.contoso.com`."""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

_KEYS = {
    "CN": NameOID.COMMON_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "L": NameOID.LOCALITY_NAME,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "C": NameOID.COUNTRY_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "DC": NameOID.DOMAIN_COMPONENT,
    "E": NameOID.EMAIL_ADDRESS,
    "SN": NameOID.SURNAME,
    "G": NameOID.GIVEN_NAME,
    "T": NameOID.TITLE,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
}
_SHOWN = {oid: key for key, oid in _KEYS.items() if key != "ST"}  # as Windows writes it: S=WA
_VALUE = r'"(?:[^"]|"")*"|(?:\\.|[^,;+"=<>#\\])(?:\\.|[^,;+"<>\\])*'
_PAIR = re.compile(rf"\s*(OID\.[\d.]+|[A-Za-z]+)\s*=\s*({_VALUE})\s*([,;+]?)", re.ASCII | re.IGNORECASE)


def parse_subject(text: str) -> x509.Name:
    """The name that *text* spells, its last component first, as Windows encodes it.

    Raises: ValueError where it is not an X.500 name.
    Source: CertStrToName with CERT_NAME_STR_REVERSE_FLAG, which X500DistinguishedName uses; the order is that of the
    service's own certificates.
    """
    components: list[list[x509.NameAttribute[str]]] = [[]]
    position, separator = 0, ""
    while position < len(text) or separator:
        found = _PAIR.match(text, position)
        if found is None or (found[3] == "" and found.end() < len(text)):
            raise ValueError("not an X.500 name")
        components[-1].append(x509.NameAttribute(_oid(found[1]), _plain(found[2])))
        position, separator = found.end(), found[3]
        if separator in {",", ";"}:
            components.append([])
    return x509.Name([x509.RelativeDistinguishedName(attributes) for attributes in reversed(components) if attributes])


def subject_text(name: x509.Name) -> str:
    """*name* as Key Vault writes it, from the last encoded component to the first."""
    return ", ".join("+".join(_pair(attribute) for attribute in component) for component in reversed(name.rdns))


def _oid(key: str) -> x509.ObjectIdentifier:
    if key.upper().startswith("OID."):
        return x509.ObjectIdentifier(key[4:])
    try:
        return _KEYS[key.upper()]
    except KeyError:
        raise ValueError(f"{key} is not an attribute of an X.500 name") from None


def _plain(value: str) -> str:
    if value.startswith('"'):
        return value[1:-1].replace('""', '"')
    return re.sub(r"\\(.)", r"\1", value.rstrip())


def _pair(attribute: x509.NameAttribute[str | bytes]) -> str:
    key = _SHOWN.get(attribute.oid, f"OID.{attribute.oid.dotted_string}")
    value = str(attribute.value)
    if re.search(r'[,;+"=<>#\n]|^\s|\s$', value):
        value = '"' + value.replace('"', '""') + '"'
    return f"{key}={value}"
