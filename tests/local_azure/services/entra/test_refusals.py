"""What Entra refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

LOGIN = "https://login.microsoftonline.com"
NOBODY = "99999999-0000-4000-8000-000000000009"


def refused(reply: Any) -> tuple[int, str, int]:
    """Status, error and number of a refusal; its description begins with the number, and its address ends with it."""
    body = reply.body
    number = body["error_codes"][0]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["error_uri"] == f"{LOGIN}/error?code={number}"
    assert f"Trace ID: {body['trace_id']} Correlation ID: {body['correlation_id']}" in body["error_description"]
    return reply.status, body["error"], number


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_id": NOBODY, "client_secret": "any"}, (400, "unauthorized_client", 700016)),
        ({"scope": "https://nowhere.example/.default"}, (400, "invalid_resource", 500011)),
        ({"client_secret": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ],
)
def test_why_a_token_is_refused(door: Any, asked: dict[str, str], expected: tuple[int, str, int]) -> None:
    """Each reason has a number of its own; no secret is repeated."""
    form = {"client_secret": door.cloud.settings.client_secret, **asked}
    reply = door.sign_in(**form)
    assert refused(reply) == expected
    assert door.cloud.settings.client_secret not in str(reply.body)


def test_a_tenant_that_is_not_there_has_neither_tokens_nor_a_configuration(door: Any) -> None:
    """The same number in both places, and another error."""
    form = f"grant_type=client_credentials&client_id=a&client_secret=b&scope={LOGIN}/.default".encode()
    assert refused(door.ask("POST", f"{LOGIN}/{NOBODY}/oauth2/v2.0/token", form)) == (400, "invalid_request", 90002)
    for path in ("v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"):
        reply = door.ask("GET", f"{LOGIN}/{NOBODY}/{path}")
        assert refused(reply) == (400, "invalid_tenant", 90002)
        assert f"Tenant '{NOBODY}' not found." in reply.body["error_description"]
