"""Client assertions: signed statements by which a client proves who it is without a secret.

Two kinds: one that the application signs with its certificate's key (RFC 7523, section 2.2; "Microsoft identity
platform application authentication certificate credentials"), and one that somebody else's issuer signs for a
workload ("Workload identity federation"). Both pages are on Microsoft Learn.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import jwt

from local_azure.services.entra import errors
from local_azure.services.entra.principals import Principal
from local_azure.services.entra.sign_in_files import ClientCertificate
from local_azure.services.entra.workload import Workload

_SKEW_SECONDS = 300  # how far the clocks of client and Entra may be apart
_ALGORITHMS = ["RS256", "PS256"]


@dataclass(frozen=True)
class Assertion:
    """An assertion taken apart, its signature not yet verified."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> Assertion:
        """Raises: AzureError AADSTS50027 for anything that is no token."""
        try:
            claims = jwt.decode(text, options={"verify_signature": False})
            return cls(text, jwt.get_unverified_header(text), claims)
        except jwt.PyJWTError:
            raise errors.malformed_assertion() from None

    def check_time(self) -> None:
        """Raises: AzureError AADSTS700024 outside of its validity."""
        now = time.time()
        begin, end = (_seconds(self.claims.get(name)) for name in ("nbf", "exp"))
        if end is None or not (begin or 0) - _SKEW_SECONDS <= now <= end + _SKEW_SECONDS:
            raise errors.assertion_out_of_time(now, begin, end)

    @property
    def audiences(self) -> list[str]:
        """For whom it is meant."""
        given = self.claims.get("aud")
        return [str(one) for one in given] if isinstance(given, list) else [str(given)]


class Assertions:
    """Verifies both kinds; *workload* is the one outside issuer that can be reached from here."""

    def __init__(self, certificate: ClientCertificate, workload: Workload) -> None:
        self._certificate = certificate
        self._workload = workload

    def verify(self, text: str, principal: Principal, endpoints: Collection[str]) -> None:
        """Let *principal* in, whose client id came with the request, or say why not.

        *endpoints* are the audiences of which a self-signed assertion must name one. Raises: AzureError, an AADSTS
        code for each reason.
        """
        assertion = Assertion.read(text)
        assertion.check_time()
        if str(assertion.claims.get("iss")).lower() == principal.caller.client_id:
            self._verify_own(assertion, principal, endpoints)
        else:
            self._verify_federated(assertion, principal)

    def _verify_own(self, assertion: Assertion, principal: Principal, endpoints: Collection[str]) -> None:
        if str(assertion.claims.get("sub")).lower() != principal.caller.client_id:
            raise errors.assertion_of_another()
        if not set(assertion.audiences) & set(endpoints):
            raise errors.assertion_for_another()
        header = assertion.header  # MSAL pads the thumbprint, which RFC 7515 does not; Entra takes both
        named = [(name, str(header[name]).rstrip("=")) for name in ("x5t#S256", "x5t") if name in header]
        known = self._certificate.thumbprints()
        if not principal.has_secret or not named or any(known[name] != value for name, value in named):
            raise errors.unknown_certificate(named[0][1] if named else "", principal.caller.client_id)
        try:
            jwt.decode(
                assertion.text,
                self._certificate.public_key,
                _ALGORITHMS,
                options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise errors.wrong_signature(principal.caller.client_id) from None

    def _verify_federated(self, assertion: Assertion, principal: Principal) -> None:
        issuer, subject = str(assertion.claims.get("iss")), str(assertion.claims.get("sub"))
        trusted = [known for known in principal.federated if known.issuer == issuer]
        if not trusted:
            raise errors.no_federation("issuer", 700211, issuer)
        trusted = [known for known in trusted if known.subject == subject]
        if not trusted:
            raise errors.no_federation("subject", 700213, subject)
        if not any(set(known.audiences) & set(assertion.audiences) for known in trusted):
            raise errors.no_federation("audience", 700212, ", ".join(assertion.audiences))
        if issuer != self._workload.issuer:
            raise errors.issuer_unreachable(issuer)
        if not self._workload.verify(assertion.text):
            raise errors.wrong_signature(principal.caller.client_id)


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
