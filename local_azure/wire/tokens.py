"""Signed access tokens: made here, and checked here at every service's door."""

from __future__ import annotations

import base64
import functools
import hashlib
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_azure.wire.messages import Caller
from local_azure.wire.private_file import write_private

LIFETIME_SECONDS = 3599  # what Entra gives a service principal
_REMEMBERED = 4096  # tokens; a client shows the same one with every request
_ALGORITHM = "RS256"


class TokenError(Exception):
    """Why a token does not count: *reason* is one of missing, malformed, signature, expired, audience, tenant.

    *detail* is what was found instead: the audience, the tenant, the expiry in seconds since 1970.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Tokens:
    """Issues and verifies tokens with one RSA key.

    The key is kept in *key_file* (0600), so that tokens which clients hold in their caches outlive a restart; without
    one it lives as long as the process. Tokens keep to real time (*clock* gives it, in seconds since 1970), since
    clients hold them by their own clock.
    """

    def __init__(self, clock: Callable[[], float] = time.time, *, key_file: Path | None = None) -> None:
        self._key = _load_key(key_file) if key_file and key_file.exists() else _new_key(key_file)
        self._clock = clock
        self._signed = functools.lru_cache(_REMEMBERED)(self._check_signature)
        modulus = self._key.public_key().public_numbers().n
        self.key_id = hashlib.sha256(modulus.to_bytes(256, "big")).hexdigest()[:32]

    def issue(self, caller: Caller, audience: str, issuer: str) -> str:
        """A token for *caller* that only services of *audience* take."""
        now = int(self._clock())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "oid": caller.object_id,
            "sub": caller.object_id,
            "appid": caller.client_id,
            "tid": caller.tenant,
            "idtyp": "app",
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        }
        if caller.resource_id:
            claims["xms_mirid"] = caller.resource_id
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"kid": self.key_id})

    def verify(self, token: str, audiences: Collection[str], tenant: str) -> Caller:
        """Who the token names.

        *audiences* are compared without regard to a trailing slash. Raises: TokenError.
        """
        if not token:
            raise TokenError("missing")
        try:
            claims = self._signed(token)
        except jwt.InvalidSignatureError:
            raise TokenError("signature") from None
        except jwt.PyJWTError as error:
            raise TokenError("malformed", type(error).__name__) from None
        if claims["exp"] <= self._clock():
            raise TokenError("expired", str(claims["exp"]))
        if claims["aud"].rstrip("/") not in {audience.rstrip("/") for audience in audiences}:
            raise TokenError("audience", claims["aud"])
        if claims["tid"] != tenant:
            raise TokenError("tenant", claims["tid"])
        return Caller(claims["oid"], claims["appid"], claims["tid"], claims.get("xms_mirid", ""))

    @staticmethod
    @functools.lru_cache(_REMEMBERED)
    def peek(token: str) -> str:
        """The object id that a token claims, unchecked, for the request log; "" where it claims none."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return ""
        return str(claims.get("oid", ""))

    def _check_signature(self, token: str) -> dict[str, Any]:
        """The claims of a token of ours, whatever they are. Raises: jwt.PyJWTError."""
        return jwt.decode(
            token,
            self._key.public_key(),
            [_ALGORITHM],
            options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )

    def public_jwk(self) -> dict[str, str]:
        """The public key as a JSON Web Key, for the tenant's key document."""
        numbers = self._key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": _ALGORITHM,
            "kid": self.key_id,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
        }


def _base64url(number: int) -> str:
    content = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _new_key(file: Path | None) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(65537, 2048)
    if file:
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        write_private(file, key.private_bytes(pem, form, serialization.NoEncryption()))
    return key


def _load_key(file: Path) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{file} holds no RSA key")
    return key
