"""An X.509 certificate, read from its DER form."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography import x509

from batchcert.visit.faults import Fault
from batchcert.visit.report import Certificate
from batchcert.visit.text import one_line


@lru_cache(maxsize=1024)  # all nodes of a pool show the same few
def read_certificate(der: bytes) -> Certificate:
    """The public facts of the certificate *der*.

    Raises: Problem `store-file-not-x509`.
    """
    try:
        parsed = x509.load_der_x509_certificate(der)
        return Certificate(
            sha256=hashlib.sha256(der).hexdigest(),
            subject=one_line(parsed.subject.rfc4514_string()),
            issuer=one_line(parsed.issuer.rfc4514_string()),
            dns_names=tuple(one_line(name) for name in _dns_names(parsed)),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
        )
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise Fault.FILE_NOT_X509.problem(
            f"a certificate of {len(der)} bytes cannot be read: {one_line(str(error), 200)}"
        ) from None


def _dns_names(parsed: x509.Certificate) -> list[str]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.UnsupportedGeneralNameType):
        return []
    return names.get_values_for_type(x509.DNSName)
