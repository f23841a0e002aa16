"""Requests signed with a key of the account, by azure-batch's own way of signing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from azure.batch._patch import BatchSharedKeyAuthPolicy
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest

pytestmark = pytest.mark.anyio

HOST = "https://batchcertlocal.westus2.batch.azure.com"


def account(world: Any) -> Any:
    return world.batch.accounts.all()[0]


def signed(world: Any, method: str, path: str, *, key: str = "", name: str = "", **headers: str) -> Any:
    """Send a request that Microsoft's client has signed."""
    known = account(world)
    request = HttpRequest(method, f"{HOST}{path}?api-version=2025-06-01", headers=headers)
    credential = AzureNamedKeyCredential(name or known.name, key or known.primary_key)
    BatchSharedKeyAuthPolicy(credential).on_request(PipelineRequest(request, PipelineContext(None)))
    sent = {name.lower(): value for name, value in request.headers.items()}
    return world.data(method, path, caller=None, headers=sent)


async def test_either_key_lets_its_holder_in(world: Any) -> None:
    """Until it is renewed; the length of an empty body may be signed as 0."""
    old = account(world).secondary_key
    assert signed(world, "GET", "/pools").status == 200
    assert signed(world, "GET", "/pools", key=old).status == 200
    assert signed(world, "DELETE", "/pools/lost").status == 404
    world.batch.accounts.renew_key(account(world), "Secondary")
    assert signed(world, "GET", "/pools", key=old).status == 403


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"key": "d3Jvbmc="}, "MAC signature"),
        ({"name": "another"}, "account name"),
        ({"ocp-date": format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)}, "15 minutes"),
        ({"ocp-date": "yesterday"}, "15 minutes"),
    ],
)
async def test_other_signatures_are_refused(world: Any, changes: dict[str, str], reason: str) -> None:
    """Another key, another account, an old date."""
    reply = signed(world, "GET", "/pools", **changes)
    assert (reply.status, reply.body["code"]) == (403, "AuthenticationFailed")
    assert reason in reply.body["values"][0]["value"]


async def test_what_was_signed_is_what_was_sent(world: Any) -> None:
    """A signature for one path, or for one condition, is none for another."""
    known = account(world)
    request = HttpRequest("GET", f"{HOST}/pools?api-version=2025-06-01", headers={"If-Match": "*"})
    credential = AzureNamedKeyCredential(known.name, known.primary_key)
    BatchSharedKeyAuthPolicy(credential).on_request(PipelineRequest(request, PipelineContext(None)))
    sent = {name.lower(): value for name, value in request.headers.items()}
    assert world.data("GET", "/pools", caller=None, headers=sent).status == 200
    assert world.data("GET", "/jobs", caller=None, headers=sent).status == 403
    assert world.data("GET", "/pools", caller=None, headers={**sent, "if-match": "other"}).status == 403


async def test_an_account_may_refuse_keys(world: Any) -> None:
    """allowedAuthenticationModes without SharedKey closes the door."""
    world.arm("PATCH", "", {"properties": {"allowedAuthenticationModes": ["AAD"]}})
    reply = signed(world, "GET", "/pools")
    assert reply.status == 403
    assert "SharedKey is not allowed" in reply.body["values"][0]["value"]
