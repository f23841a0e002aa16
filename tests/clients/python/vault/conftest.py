"""A vault's clients, and certificates in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def certificates(sdk: Any, credential: Any, vault: str) -> Any:
    return sdk.client("azure.keyvault.certificates.CertificateClient", vault, credential)


@pytest.fixture(scope="session")
def secrets(sdk: Any, credential: Any, vault: str) -> Any:
    return sdk.client("azure.keyvault.secrets.SecretClient", vault, credential)


@pytest.fixture(scope="session")
def policy() -> Callable[..., Any]:
    """A quick policy: an elliptic key, in PEM, renewed by itself."""
    from azure.keyvault.certificates import CertificatePolicy, LifetimeAction

    def make(**changes: Any) -> Any:
        given = {
            "issuer_name": "Self",
            "subject": "CN=www.example.com",
            "san_dns_names": ["www.example.com"],
            "key_type": "EC",
            "key_curve_name": "P-256",
            "content_type": "application/x-pem-file",
            "lifetime_actions": [LifetimeAction("AutoRenew", days_before_expiry=30)],
            **changes,
        }
        return CertificatePolicy(given.pop("issuer_name"), **given)

    return make


@pytest.fixture
def made(sdk: Any, certificates: Any, policy: Any, request: pytest.FixtureRequest) -> Any:
    """A certificate with the name of the test."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.originalname)
    return sdk.act(certificates, "create_certificate", name, policy(), tags={"team": "render"})
