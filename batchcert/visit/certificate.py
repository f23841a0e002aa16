"""An X.509 certificate, read from its DER form."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

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


def misplaced_in(chain: Sequence[bytes]) -> int:
    """The place, from 1, of the first certificate of *chain*, in DER form, that did not issue the one before it; or 0.

    Raises: Problem `store-file-not-x509`.
    """
    return next((place for place in range(2, len(chain) + 1) if not _issued(chain[place - 1], chain[place - 2])), 0)


@lru_cache(maxsize=1024)
def _issued(issuer: bytes, issued: bytes) -> bool:
    """Whether *issuer* signed *issued*; of a signature that cannot be checked here, whether their names say so."""
    if read_certificate(issuer).subject != read_certificate(issued).issuer:
        return False
    above, below = x509.load_der_x509_certificate(issuer), x509.load_der_x509_certificate(issued)
    try:
        below.verify_directly_issued_by(above)
    except (InvalidSignature, ValueError):
        return False
    except (TypeError, UnsupportedAlgorithm):
        return True
    return True


def _dns_names(parsed: x509.Certificate) -> list[str]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.UnsupportedGeneralNameType):
        return []
    return names.get_values_for_type(x509.DNSName)
