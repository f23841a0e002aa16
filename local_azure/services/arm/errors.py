"""Refusals of Azure Resource Manager, in its own shape and words.

Source: Azure REST API guidelines (error object) and "Common Azure deployment errors" on Microsoft Learn.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from local_azure.services.arm.clouds import Cloud
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.tokens import TokenError

TROUBLE = {429: ("SubscriptionRequestsThrottled", "Number of requests for subscription exceeded. Please try again.")}


def render(error: AzureError, request: Request) -> Reply:
    """`{"error": {"code", "message"}}`, with details where the refusal has a target."""
    del request
    content: dict[str, Any] = {"code": error.code, "message": error.message}
    if "target" in error.values:
        content["details"] = [{**content, "target": error.values["target"]}]
    return Reply(error.status, {"error": content}, {"x-ms-failure-cause": "gateway"})


def finish(request: Request, reply: Reply) -> Reply:
    """Every reply of ARM names its request, and repeats the id the client gave."""
    sent = {"x-ms-request-id": str(uuid.uuid4()), "Cache-Control": "no-cache"}
    if given := request.headers.get("x-ms-client-request-id"):
        sent["x-ms-client-request-id"] = given
    return replace(reply, headers={**sent, **reply.headers})


def bad_version(request: Request, served: frozenset[str]) -> AzureError:
    """A missing api-version, or one that the resource type, or Resource Manager itself, does not have.

    As seen in azure-cli#28496 and azure-docs#62621 (a type's), and in azure-powershell#6031 (Resource Manager's own).
    """
    if not request.api_version:
        return AzureError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    given, kind = request.api_version, resource_type(request.path)
    if not kind:
        supported = ",".join(sorted(served, reverse=True))
        message = f"The api-version '{given}' is invalid. The supported versions are '{supported}'."
        return AzureError(400, "InvalidApiVersionParameter", message)
    place = f"location '{request.params['location']}' and " if "location" in request.params else ""
    return AzureError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for {place}API version '{given}' for type '{kind}'. "
        f"The supported api-versions are '{', '.join(sorted(served))}'.",
    )


def resource_type(path: str) -> str:
    """The type of the resource that *path* names, without its provider: "batchAccounts/pools"; "" where none is."""
    _, found, below = path.partition("/providers/")
    segments = below.rpartition("/providers/")[2].strip("/").split("/")[1:]
    return "/".join(segments[::2]) if found else ""


def not_found(request: Request) -> AzureError:
    """A path that names no resource type we have."""
    return AzureError(
        404,
        "InvalidResourceType",
        f"The resource type could not be found for '{request.path}' and api version '{request.api_version}'.",
    )


def resource_not_found(resource_type: str, name: str, group: str) -> AzureError:
    """A resource that does not exist in a group that does."""
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource_type}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def invalid_token(error: TokenError, cloud: Cloud, tenant: str) -> AzureError:
    """A token that does not count, for the reason that `Tokens.verify` gave.

    Sources: azure-tools-for-intellij#16 (audience), "Create Azure Logic Apps" troubleshooting notes on Microsoft Learn
    (expiry), the refusal by which Azure PowerShell users look for a subscription's tenant (issuer).
    """
    code, message = "InvalidAuthenticationToken", "The access token is invalid."
    if error.reason == "missing":
        code, message = "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
    elif error.reason == "expired":
        code, message = "ExpiredAuthenticationToken", _expired(float(error.detail))
    elif error.reason == "audience":
        code, message = "InvalidAuthenticationTokenAudience", _wrong_audience(error.detail, cloud)
    elif error.reason == "tenant":
        code, message = "InvalidAuthenticationTokenTenant", _wrong_tenant(error.detail, cloud, tenant)
    challenge = (
        f'Bearer authorization_uri="https://{cloud.login}/{tenant}", error="invalid_token", '
        f'error_description="{message}"'
    )
    return AzureError(401, code, message, headers={"WWW-Authenticate": challenge})


def _expired(at: float) -> str:
    """*at* is in seconds since 1970; tokens keep to real time."""
    ended, now = (_american(datetime.fromtimestamp(seconds, UTC)) for seconds in (at, time.time()))
    return f"The access token expiry UTC time '{ended}' is earlier than current UTC time '{now}'."


def _wrong_audience(given: str, cloud: Cloud) -> str:
    allowed = ",".join(f"'{audience}/','{audience}'" for audience in cloud.audiences)
    return (
        f"The access token has been obtained for wrong audience or resource '{given}'. "
        f"It should exactly match with one of the allowed audiences {allowed}."
    )


def _wrong_tenant(given: str, cloud: Cloud, tenant: str) -> str:
    return (
        f"The access token is from the wrong issuer '{cloud.issuer}/{given}/'. It must match the tenant "
        f"'{cloud.issuer}/{tenant}/' associated with this subscription. Please use the authority (URL) "
        f"'https://{cloud.login}/{tenant}' to get the token. Note, if the subscription is transferred to another "
        "tenant there is no impact to the services, but information about new tenant could take time to propagate "
        "(up to an hour). If you just transferred your subscription and see this error message, please try back later."
    )


def _american(moment: datetime) -> str:
    """A time as ARM writes it: 8/21/2018 3:22:00 PM."""
    return f"{moment.month}/{moment.day}/{moment:%Y} {moment:%I:%M:%S %p}".replace(" 0", " ")


def authorization_failed(client_id: str, object_id: str, action: str, scope: str) -> AzureError:
    """A caller without the role that *action* on *scope* asks for."""
    return AzureError(
        403,
        "AuthorizationFailed",
        f"The client '{client_id}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )
