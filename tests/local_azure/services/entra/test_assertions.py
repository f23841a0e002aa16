"""Signing in without a secret: with a certificate, or with a token of somebody else's."""

from __future__ import annotations

import stat
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_azure.services.entra.workload import AUDIENCE, SUBJECT
from local_azure.wire.messages import Reply

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def number(reply: Reply) -> int:
    """Entra's error code, 0 for a token."""
    return reply.body["error_codes"][0] if "error_codes" in reply.body else 0


@pytest.fixture
def own(door: Any) -> Callable[..., Reply]:
    """Sign in with an assertion of the client's own making, right but for *changes*."""
    certificate = door.cloud.client_certificate
    right_key = serialization.load_pem_private_key(certificate.file.read_bytes(), None)
    client, now = door.operator.client_id, int(time.time())
    endpoint = f"https://login.microsoftonline.com/{door.operator.tenant}/oauth2/v2.0/token"
    right = {"iss": client, "sub": client, "aud": endpoint, "nbf": now, "exp": now + 600, "jti": str(uuid.uuid4())}

    def sign_in(*, key: Any = right_key, headers: dict[str, str] | None = None, **changes: Any) -> Reply:
        named = {"x5t": certificate.thumbprints()["x5t"]} if headers is None else headers
        assertion = jwt.encode({**right, **changes}, key, "RS256", headers=named)
        reply: Reply = door.sign_in(client_assertion=assertion, client_assertion_type=KIND)
        return reply

    return sign_in


def test_the_certificate_signs_in(door: Any, own: Callable[..., Reply]) -> None:
    """By its SHA-1 or its SHA-256 thumbprint, padded or not; the token is the operator's."""
    thumbprints = door.cloud.client_certificate.thumbprints()
    padded = {"x5t": f"{thumbprints['x5t']}="}
    for headers in (padded, {"x5t": thumbprints["x5t"]}, {"x5t#S256": thumbprints["x5t#S256"]}, thumbprints):
        reply = own(headers=headers)
        assert reply.status == 200
        audience = {"https://management.azure.com"}
        assert door.cloud.tokens.verify(reply.body["access_token"], audience, door.operator.tenant) == door.operator


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": int(time.time()) - 3600}, 700024),
        ({"nbf": int(time.time()) + 3600}, 700024),
        ({"sub": "somebody"}, 700021),
        ({"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"}, 700023),
        ({"headers": {"x5t": "bm90IHRoZSBvbmU"}}, 700027),
        ({"headers": {}}, 700027),
        ({"key": rsa.generate_private_key(65537, 2048)}, 50013),
        ({"iss": "https://elsewhere.example.com/"}, 700211),
    ],
)
def test_each_fault_of_an_assertion_has_its_own_code(
    own: Callable[..., Reply], changes: dict[str, Any], expected: int
) -> None:
    """As Entra numbers them."""
    assert number(own(**changes)) == expected


def test_what_is_no_token_is_refused(door: Any) -> None:
    """Nor is an assertion of another kind taken."""
    assert number(door.sign_in(client_assertion="nonsense", client_assertion_type=KIND)) == 50027
    assert number(door.sign_in(client_assertion="nonsense", client_assertion_type="saml")) == 50012


def federated(door: Any, token: str, client_id: str = "") -> Reply:
    reply: Reply = door.sign_in(client_id, client_assertion=token, client_assertion_type=KIND)
    return reply


def test_the_token_file_signs_the_operator_in(door: Any) -> None:
    """Only its owner can read it; renewing gives another one that works too."""
    file = door.cloud.federated_token.file
    first = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert federated(door, first).status == 200
    door.cloud.federated_token.renew()
    assert file.read_text() != first
    assert federated(door, file.read_text()).status == 200


def test_another_service_account_is_not_trusted(door: Any) -> None:
    """The subject is compared exactly."""
    for subject in ("system:serviceaccount:default:other", SUBJECT.upper()):
        assert number(federated(door, door.cloud.workload.token(subject))) == 700213


def test_a_token_with_the_issuers_name_alone_is_not_trusted(door: Any) -> None:
    """The issuer's key must have signed it."""
    claims = jwt.decode(door.cloud.workload.token(), options={"verify_signature": False})
    forged = jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256")
    assert number(federated(door, forged)) == 50013
    assert number(federated(door, jwt.encode({**claims, "aud": "other"}, "x" * 32, "HS256"))) == 700212


def test_a_managed_identity_trusts_what_its_credentials_name(door: Any) -> None:
    """The workload becomes the identity; before the credential, and after it, it does not."""
    identity, _ = door.cloud.identities.put(door.cloud.settings.resource_group, "workload", "westus2", {})
    token = door.cloud.workload.token()
    assert number(federated(door, token, identity.client_id)) == 700211
    credential = f"{door.cloud.identities.arm_id(identity.group, identity.name)}/federatedIdentityCredentials/cluster"
    properties = {"issuer": door.cloud.workload.issuer, "subject": SUBJECT, "audiences": [AUDIENCE]}
    url = f"{credential}?api-version=2024-11-30"
    assert door.ask("PUT", url, {"properties": properties}).status == 201
    assert federated(door, token, identity.client_id).status == 200
    assert number(door.sign_in(identity.client_id, client_secret=door.cloud.settings.client_secret)) == 7000215
    door.ask("PUT", url, {"properties": {**properties, "issuer": "https://elsewhere.example.com/"}})
    claims = jwt.decode(token, options={"verify_signature": False})
    elsewhere = jwt.encode({**claims, "iss": "https://elsewhere.example.com/"}, "x" * 32, "HS256")
    assert number(federated(door, elsewhere, identity.client_id)) == 50166


def test_the_issuer_shows_how_its_tokens_are_verified(door: Any) -> None:
    """Anybody can follow the token's issuer to the key that signed it."""
    token = door.cloud.workload.token()
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    found = door.ask("GET", f"{issuer}.well-known/openid-configuration").body
    assert found["issuer"] == issuer
    (key,) = door.ask("GET", found["jwks_uri"]).body["keys"]
    assert key["kid"] == jwt.get_unverified_header(token)["kid"]
    assert jwt.decode(token, jwt.PyJWK(key).key, ["RS256"], audience=AUDIENCE)["sub"] == SUBJECT
