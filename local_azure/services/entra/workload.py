"""The cluster that a caller's workload runs in: it signs the tokens that Entra exchanges for its own.

A Kubernetes cluster of Azure is an OpenID Connect issuer at a public address, and puts a token of the pod's service
account into a file. Source: "Use Microsoft Entra Workload ID with Azure Kubernetes Service" on Microsoft Learn.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "westus2.oic.prod-aks.azure.com"
AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "system:serviceaccount:default:local-azure"
LIFETIME_SECONDS = 86400  # the longest that a service account's token may live there
_ALGORITHM = "RS256"  # the only one that Entra takes of external issuers


class Workload:
    """A cluster's issuer and its one service account; its key lives as long as the process, and time is real time."""

    def __init__(self, tenant: str) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self._key_id = uuid.uuid4().hex
        self.issuer = f"https://{HOST}/{tenant}/{uuid.uuid5(uuid.NAMESPACE_DNS, HOST)}/"

    def token(self, subject: str = SUBJECT) -> str:
        """A token of the service account *subject*."""
        now = int(time.time())
        claims = {
            "aud": [AUDIENCE],
            "exp": now + LIFETIME_SECONDS,
            "iat": now,
            "nbf": now,
            "iss": self.issuer,
            "sub": subject,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"kid": self._key_id})

    def verify(self, token: str) -> bool:
        """Whether the cluster signed *token*."""
        try:
            jwt.decode(token, self._key.public_key(), [_ALGORITHM], options={"verify_aud": False, "verify_exp": False})
        except jwt.PyJWTError:
            return False
        return True

    def configuration(self) -> dict[str, Any]:
        """The issuer's discovery document. Source: OpenID Connect Discovery 1.0, section 4."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
        }

    def keys(self) -> dict[str, Any]:
        """The issuer's public keys. Source: RFC 7517."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**key, "use": "sig", "alg": _ALGORITHM, "kid": self._key_id}]}
