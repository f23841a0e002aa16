"""Tokens are signed and checked."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from local_azure.wire.messages import Caller
from local_azure.wire.tokens import LIFETIME_SECONDS, TokenError, Tokens

CALLER = Caller("object", "client", "tenant", "/subscriptions/x")
AUDIENCE = "https://vault.azure.net"


def reason(tokens: Tokens, token: str, audience: str = AUDIENCE, tenant: str = "tenant") -> str:
    with pytest.raises(TokenError) as caught:
        tokens.verify(token, {audience}, tenant)
    return caught.value.reason


def test_a_token_names_its_caller() -> None:
    """What goes in comes out; a trailing slash of the audience does not matter."""
    tokens = Tokens()
    assert tokens.verify(tokens.issue(CALLER, AUDIENCE + "/", "issuer"), {AUDIENCE}, "tenant") == CALLER


def test_each_way_a_token_can_fail_has_its_own_reason() -> None:
    """Signature, audience, tenant, shape and absence are told apart."""
    tokens = Tokens()
    token = tokens.issue(CALLER, AUDIENCE, "issuer")
    assert reason(tokens, "") == "missing"
    assert reason(tokens, "no.token.at-all") == "malformed"
    assert reason(Tokens(), token) == "signature"
    assert reason(tokens, token, audience="https://management.azure.com") == "audience"
    assert reason(tokens, token, tenant="another") == "tenant"


def test_a_token_expires_by_real_time() -> None:
    """One second past its lifetime it no longer counts."""
    now = [1_000_000.0]
    tokens = Tokens(clock=lambda: now[0])
    token = tokens.issue(CALLER, AUDIENCE, "issuer")
    now[0] += LIFETIME_SECONDS - 1
    assert tokens.verify(token, {AUDIENCE}, "tenant") == CALLER
    now[0] += 2
    assert reason(tokens, token) == "expired"


def test_an_unsigned_token_is_refused() -> None:
    """`alg: none` opens no door."""
    tokens = Tokens()
    claims = jwt.decode(tokens.issue(CALLER, AUDIENCE, "issuer"), options={"verify_signature": False})
    assert reason(tokens, jwt.encode(claims, None, "none")) in {"malformed", "signature"}


def test_the_published_key_verifies_a_token() -> None:
    """Anyone can check a token by the tenant's key document."""
    tokens = Tokens()
    key = jwt.PyJWK(tokens.public_jwk()).key
    claims = jwt.decode(tokens.issue(CALLER, AUDIENCE, "issuer"), key, ["RS256"], audience=AUDIENCE)
    assert claims["oid"] == "object"


def test_a_kept_key_lets_tokens_outlive_a_restart(tmp_path: Path) -> None:
    """The same key file verifies what was issued before it was read again; only its owner can read it."""
    file = tmp_path / "key.pem"
    before = Tokens(key_file=file)
    token = before.issue(CALLER, AUDIENCE, "issuer")
    after = Tokens(key_file=file)
    assert after.verify(token, {AUDIENCE}, CALLER.tenant) == CALLER
    assert after.key_id == before.key_id
    assert file.stat().st_mode & 0o777 == 0o600
