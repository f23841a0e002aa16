"""Refusals of Azure Resource Manager, in its own shape and words.

Source: Azure REST API guidelines (error object) and "Common Azure deployment errors" on Microsoft Learn.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from local_azure.wire.messages import AzureError, Reply, Request

TROUBLE = {429: ("SubscriptionRequestsThrottled", "Number of requests for subscription exceeded. Please try again.")}


def render(error: AzureError, request: Request) -> Reply:
    """`{"error": {"code", "message"}}`; a HEAD is answered without a body."""
    del request
    content = {"error": {"code": error.code, "message": error.message}}
    return Reply(error.status, content, {"x-ms-failure-cause": "gateway"})


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


def invalid_token(reason: str, detail: str, tenant: str) -> AzureError:
    """A token that does not count, for the reason that `Tokens.verify` gave."""
    code, message = {
        "missing": ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
        "expired": ("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
        "audience": (
            "InvalidAuthenticationTokenAudience",
            f"The access token has been obtained for wrong audience or resource '{detail}'.",
        ),
        "tenant": (
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer. It must match the subscription's tenant '{tenant}'.",
        ),
    }.get(reason, ("InvalidAuthenticationToken", "The access token is invalid."))
    challenge = f'Bearer authorization_uri="https://login.microsoftonline.com/{tenant}", error="invalid_token"'
    return AzureError(401, code, message, headers={"WWW-Authenticate": challenge})


def authorization_failed(client_id: str, object_id: str, action: str, scope: str) -> AzureError:
    """A caller without the role that *action* on *scope* asks for."""
    return AzureError(
        403,
        "AuthorizationFailed",
        f"The client '{client_id}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )
