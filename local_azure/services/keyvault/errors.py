"""Refusals of a vault's own host, in Key Vault's shape and words.

Sources: Key Vault REST API 7.5 (Error), "Azure Key Vault REST API error codes" and "Monitor and manage certificate
creation" on Microsoft Learn, and the service's answers in the test recordings of Azure's own clients.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from local_azure.wire.messages import AzureError, Reply, Request

TROUBLE = {
    429: (
        "Throttled",
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    )
}
_RECOVER_HINT = (
    "If you recently deleted this {kind} you may be able to recover it using the correct recovery command. "
    "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
)


def render(error: AzureError, request: Request) -> Reply:
    """`{"error": {"code", "message", "innererror"}}`."""
    del request
    content: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.inner_code:
        content["innererror"] = {"code": error.inner_code}
    return Reply(error.status, {"error": content})


def finish(request: Request, reply: Reply) -> Reply:
    """The headers of every reply of a vault."""
    sent = {
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "Expires": "-1",
        "x-ms-request-id": str(uuid.uuid4()),
        "x-ms-keyvault-service-version": "1.9.3019.1",
        "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000;includeSubDomains",
    }
    if given := request.headers.get("x-ms-client-request-id"):
        sent["x-ms-client-request-id"] = given
    return replace(reply, headers={**sent, **reply.headers})


def bad_version(request: Request, served: frozenset[str]) -> AzureError:
    """A missing api-version, or one that Key Vault does not have."""
    if not request.api_version:
        return bad_parameter("api-version must be specified")
    return bad_parameter(
        f"The specified version ({request.api_version}) is not recognized. "
        f"Consider using the latest supported version ({max(served, key=lambda version: ('-' in version, version))})."
    )


def not_found_path(request: Request) -> AzureError:
    """A path that names no operation."""
    return AzureError(404, "NotFound", f"The requested resource '{request.path}' was not found.")


def bad_parameter(message: str) -> AzureError:
    """400: a value in the request that Key Vault does not take."""
    return AzureError(400, "BadParameter", message)


def invalid_value(name: str, why: str = "") -> AzureError:
    """400: the property *name* of the body has a value that Key Vault does not take."""
    return bad_parameter(f"Property {name} has invalid value" + (f": {why}" if why else ""))


def invalid_name(name: str) -> AzureError:
    """400: an object's name in the path with other characters than letters, digits and hyphens."""
    return bad_parameter(f"The request URI contains an invalid name: {name}")


def object_not_found(kind: str, name: str) -> AzureError:
    """404: no certificate or secret (*kind*) of this name or version."""
    message = f"A {kind} with (name/id) {name} was not found in this key vault. {_RECOVER_HINT.format(kind=kind)}"
    return AzureError(404, f"{kind.capitalize()}NotFound", message)


def deleted_not_found(kind: str, name: str) -> AzureError:
    """404: no soft-deleted certificate or secret (*kind*) of this name."""
    return AzureError(404, f"{kind.capitalize()}NotFound", f"Deleted {kind.capitalize()} not found: {name}")


def pending_not_found(name: str) -> AzureError:
    """404: no creation of the certificate is known."""
    return AzureError(404, "PendingCertificateNotFound", f"Pending certificate not found: {name}")


def issuer_not_found(name: str) -> AzureError:
    """400: the policy names an issuer that the vault does not have."""
    return bad_parameter(f"Issuer {name} specified in the policy was not found in this key vault.")


def pending_in_progress() -> AzureError:
    """409: a creation of the same certificate is still going on."""
    return AzureError(
        409,
        "Forbidden",
        "A new key vault certificate can not be created or imported while a pending key vault certificate's status is "
        "inProgress.",
    )


def pending_not_updatable() -> AzureError:
    """403: a creation that has ended cannot be cancelled."""
    return AzureError(403, "Forbidden", "Pending status must be in progress to allow update.")


def merge_forbidden(issuer: str) -> AzureError:
    """403: Key Vault signs this one itself. The spelling is the service's."""
    return AzureError(
        403,
        "Forbidden",
        f"Merge is forbidden on pending object created with issuer : {issuer} while it is in progess.",
    )


def deleted_but_recoverable(kind: str, name: str) -> AzureError:
    """409: the name belongs to a soft-deleted object."""
    return AzureError(
        409,
        "Conflict",
        f"{kind.capitalize()} {name} is currently in a deleted but recoverable state, and its name cannot be reused; "
        f"in this state, the {kind} can only be recovered or purged.",
        inner_code="ObjectIsDeletedButRecoverable",
    )


def name_in_use(kind: str, name: str) -> AzureError:
    """409: recovering would overwrite an object that has the name now."""
    return AzureError(409, "Conflict", f"{kind.capitalize()} {name} already exists.", inner_code="ObjectAlreadyExists")


def disabled(kind: str) -> AzureError:
    """403: the value of a disabled version is kept back."""
    message = f"Operation get is not allowed on a disabled {kind}."
    return AzureError(403, "Forbidden", message, inner_code=f"{kind.capitalize()}Disabled")


def managed_secret(name: str) -> AzureError:
    """403: the secret belongs to a certificate and is written by it alone."""
    return AzureError(
        403,
        "Forbidden",
        f"Secret {name} is managed by a certificate of the same name; use the certificate's operations.",
    )


def purge_protected() -> AzureError:
    """403: purge protection is on."""
    return AzureError(
        403,
        "Forbidden",
        'Operation "purge" is not allowed because purge protection is enabled for this vault. '
        "Key Vault service will automatically purge it after the retention period has passed.",
    )
