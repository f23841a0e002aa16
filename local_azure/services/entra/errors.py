"""Entra's refusals, in its own shape and words.

Source: "Microsoft Entra authentication and authorization error codes" on Microsoft Learn.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from local_azure.wire.messages import AzureError, Reply, Request


def render(error: AzureError, request: Request) -> Reply:
    """`{error, error_description, error_codes, ...}`; ids and time stand in the description, as Entra writes it."""
    del request
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    number = re.match(r"AADSTS(\d+)", error.message)
    return Reply(
        error.status,
        {
            "error": error.code,
            "error_description": (
                f"{error.message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
            ),
            "error_codes": [int(number[1])] if number else [],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
        },
    )


def not_found(request: Request) -> AzureError:
    """A path that Entra does not have."""
    return AzureError(404, "invalid_request", f"AADSTS90015: Requested path '{request.path}' was not found.")


def tenant_not_found(tenant: str) -> AzureError:
    """A tenant that is not ours."""
    return AzureError(
        400,
        "invalid_request",
        f"AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud.",
    )


def application_not_found(client_id: str, tenant: str) -> AzureError:
    """A client id that the tenant does not know."""
    return AzureError(
        400,
        "unauthorized_client",
        f"AADSTS700016: Application with identifier '{client_id}' was not found in the directory '{tenant}'.",
    )


def invalid_secret(client_id: str) -> AzureError:
    """A wrong client secret; the secret itself is never repeated."""
    return AzureError(
        401,
        "invalid_client",
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client "
        f"secret value, not the client secret ID, for a secret added to app '{client_id}'.",
    )


def resource_not_found(resource: str, tenant: str) -> AzureError:
    """A resource for which nobody in the tenant can have a token."""
    return AzureError(
        400,
        "invalid_resource",
        f"AADSTS500011: The resource principal named {resource} was not found in the tenant named {tenant}.",
    )


def missing_parameter(name: str) -> AzureError:
    """A form without a field that the grant asks for."""
    return AzureError(
        400,
        "invalid_request",
        f"AADSTS900144: The request body must contain the following parameter: '{name}'.",
    )


def unsupported_grant(grant: str) -> AzureError:
    """A grant type that is not served."""
    return AzureError(
        400, "unsupported_grant_type", f"AADSTS70003: The app requested an unsupported grant type '{grant}'."
    )
