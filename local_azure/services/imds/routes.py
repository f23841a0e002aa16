"""The instance metadata service over plain HTTP at its link-local address."""

from __future__ import annotations

from local_azure.services.imds.metadata import Metadata
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes


def _render(error: AzureError, request: Request) -> Reply:
    del request
    return Reply(error.status, {"error": error.code, "error_description": error.message})


def _bad_version(request: Request, served: frozenset[str]) -> AzureError:
    if not request.api_version:
        return AzureError(400, "invalid_request", "Required query variable 'api-version' is missing")
    return AzureError(
        400, "invalid_request", f"Bad request. api-version is invalid. Supported: {', '.join(sorted(served))}"
    )


def _not_found(request: Request) -> AzureError:
    return AzureError(404, "not_found", f"The requested resource {request.path} was not found")


routes: Routes[Metadata] = Routes(
    service="imds",
    hosts=("169.254.169.254",),
    api_versions=frozenset({"2018-02-01", "2019-08-01", "2020-06-01", "2021-02-01"}),
    render=_render,
    bad_version=_bad_version,
    not_found=_not_found,
)


@routes.get("/metadata/instance", name="Instances_GetMetadata")
def instance(metadata: Metadata, request: Request) -> Reply:
    """What the caller's machine is. Source: "Azure Instance Metadata Service" on Microsoft Learn."""
    _check_header(request)
    if request.machine:
        raise _not_found(request)
    return Reply(200, {"compute": metadata.compute(), "network": {"interface": []}})


@routes.get("/metadata/identity/oauth2/token", name="Identity_GetToken")
def token(metadata: Metadata, request: Request) -> Reply:
    """A token for one of the asking machine's identities; all numbers are strings, as IMDS sends them."""
    _check_header(request)
    resource = request.query.get("resource", "")
    if not resource:
        raise AzureError(400, "invalid_request", "Required query variable 'resource' is missing")
    wanted = {name: request.query[name] for name in ("client_id", "object_id", "msi_res_id") if name in request.query}
    given = metadata.token(request.machine, resource, wanted)
    return Reply(
        200,
        {
            "access_token": given.access_token,
            "client_id": given.client_id,
            "expires_in": str(given.expires_on - given.not_before),
            "expires_on": str(given.expires_on),
            "ext_expires_in": str(given.expires_on - given.not_before),
            "not_before": str(given.not_before),
            "resource": given.resource,
            "token_type": "Bearer",
        },
    )


def _check_header(request: Request) -> None:
    """Raises: AzureError 400; the header keeps out whoever can only make a server follow a link."""
    if request.headers.get("metadata", "").lower() != "true":
        raise AzureError(400, "invalid_request", "Required metadata header not specified")
