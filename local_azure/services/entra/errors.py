"""Entra's refusals, in its own shape and words.

Source: "Microsoft Entra authentication and authorization error codes" on Microsoft Learn.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from local_azure.wire.messages import AzureError, Reply, Request

_BUSY = "temporarily_unavailable"
_NOT_INSTALLED = (
    "This can happen if the application has not been installed by the administrator of the tenant or consented to by "
    "any user in the tenant."
)
TROUBLE = {
    429: (_BUSY, "AADSTS90055: There are too many incoming requests."),
    500: (_BUSY, "AADSTS90033: A transient error has occurred. Please try again."),
    503: (_BUSY, "AADSTS90033: A transient error has occurred. Please try again."),
}


def render(error: AzureError, request: Request) -> Reply:
    """`{error, error_description, error_codes, ...}`; ids and time stand in the description, as Entra writes it."""
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
            **({"error_uri": f"https://{request.host}/error?code={number[1]}"} if number else {}),
        },
    )


def not_found(request: Request) -> AzureError:
    """A path that Entra does not have."""
    return AzureError(404, "invalid_request", f"AADSTS90015: Requested path '{request.path}' was not found.")


def tenant_not_found(tenant: str, code: str = "invalid_request") -> AzureError:
    """A tenant that is not ours; to who looks for its configuration, *code* is `invalid_tenant`.

    As seen in Azure/azure-cli#22145 (configuration) and sjkp/letsencrypt-siteextension#108 (token).
    """
    return AzureError(
        400,
        code,
        f"AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud. Check with your subscription administrator, this may happen if there are no "
        "active subscriptions for the tenant.",
    )


def application_not_found(client_id: str, tenant: str) -> AzureError:
    """A client id that the tenant does not know."""
    return AzureError(
        400,
        "unauthorized_client",
        f"AADSTS700016: Application with identifier '{client_id}' was not found in the directory '{tenant}'. "
        f"{_NOT_INSTALLED} You may have sent your authentication request to the wrong tenant.",
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
        f"AADSTS500011: The resource principal named {resource} was not found in the tenant named {tenant}. "
        f"{_NOT_INSTALLED} You might have sent your authentication request to the wrong tenant.",
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


def malformed_assertion() -> AzureError:
    """A client assertion that is no signed token."""
    return AzureError(400, "invalid_request", "AADSTS50027: JWT token is invalid or malformed.")


def assertion_out_of_time(now: float, begin: float | None, end: float | None) -> AzureError:
    """A client assertion that is not valid yet, or no longer; times in seconds since 1970."""
    moments = [
        "not set" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.0000000Z}"
        for moment in (now, begin, end)
    ]
    return AzureError(
        401,
        "invalid_client",
        "AADSTS700024: Client assertion is not within its valid time range. "
        f"Current time: {moments[0]}, assertion valid from {moments[1]}, expiry time of assertion {moments[2]}.",
    )


def assertion_of_another() -> AzureError:
    """An assertion whose subject is not the client id of the request."""
    return AzureError(
        400,
        "invalid_request",
        "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter.",
    )


def assertion_for_another() -> AzureError:
    """An assertion that is not meant for this tenant's token endpoint."""
    return AzureError(
        401, "invalid_client", "AADSTS700023: Client assertion audience claim does not match Realm issuer."
    )


def unknown_certificate(thumbprint: str, client_id: str) -> AzureError:
    """An assertion signed with a certificate that the application does not have."""
    return AzureError(
        401,
        "invalid_client",
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on "
        "application. [Reason - The key was not found., Thumbprint of key used by client: "
        f"'{thumbprint}', Please visit the Azure Portal to check the certificates of application '{client_id}'.]",
    )


def wrong_signature(client_id: str) -> AzureError:
    """An assertion that another key signed than the one it names."""
    return AzureError(
        401,
        "invalid_client",
        "AADSTS50013: Assertion failed signature validation. [Reason - The key was found, but use of the key to "
        f"verify the signature failed., Application '{client_id}'.]",
    )


def no_federation(what: str, number: int, presented: str) -> AzureError:
    """A federated token whose issuer, subject or audience no federated credential of the application names."""
    return AzureError(
        401,
        "invalid_client",
        f"AADSTS{number}: No matching federated identity record found for presented assertion {what} '{presented}'. "
        "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.",
    )


def issuer_unreachable(issuer: str) -> AzureError:
    """A trusted issuer whose keys cannot be fetched: nothing outside of the embedded Azure is ever asked."""
    return AzureError(
        400,
        "invalid_request",
        f"AADSTS50166: Request to External OIDC endpoint failed: {issuer}.well-known/openid-configuration.",
    )


def unsupported_assertion(kind: str) -> AzureError:
    """An assertion of a kind that Entra does not take."""
    return AzureError(400, "invalid_request", f"AADSTS50012: The client assertion type '{kind}' is not supported.")
