"""Certificates, read from their DER form."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from batchcert.problems import Problem
from batchcert.visit.certificate import read_certificate


@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_the_public_facts(pairs, kind):
    """Fingerprint of the DER form, names, and validity in UTC."""
    found = read_certificate(pairs[kind].der)
    assert found.sha256 == hashlib.sha256(pairs[kind].der).hexdigest()
    assert found.subject == found.issuer == "CN=render.example.com"
    assert found.dns_names == ("render.example.com",)
    assert (found.not_before, found.not_after) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # a damaged serial number
def test_every_damage_is_a_problem_or_still_a_certificate(pairs):
    """A byte changed anywhere in the DER form gives one code, never another error."""
    der = pairs["ec"].der
    codes = set()
    for at in range(len(der)):
        for change in (0x00, 0xFF, der[at] ^ 0x01, der[at] ^ 0x20):
            try:
                read_certificate(der[:at] + bytes([change]) + der[at + 1 :])
            except Problem as problem:
                codes.add(problem.code)
    assert codes == {"store-file-not-x509"}


def test_what_follows_a_certificate_is_not_accepted(pairs):
    """One block, one certificate."""
    with pytest.raises(Problem, match="store-file-not-x509"):
        read_certificate(pairs["ec"].der + b"\x00")
