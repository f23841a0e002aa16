"""The cluster's issuer over HTTP: where anybody reads how its tokens are verified."""

from __future__ import annotations

from local_azure.services.entra.workload import HOST, Workload
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes


def _render(error: AzureError, request: Request) -> Reply:
    del request
    return Reply(error.status, {"error": {"code": error.code, "message": error.message}})


def _not_found(request: Request) -> AzureError:
    return AzureError(404, "BlobNotFound", f"The specified blob '{request.path}' does not exist.")


routes: Routes[Workload] = Routes(service="workload", hosts=(HOST,), render=_render, not_found=_not_found)


@routes.get("/{tenant}/{cluster}/.well-known/openid-configuration", name="Issuer_Configuration")
def configuration(workload: Workload, request: Request) -> Reply:
    """The discovery document."""
    del request
    return Reply(200, workload.configuration())


@routes.get("/{tenant}/{cluster}/openid/v1/jwks", name="Issuer_Keys")
def keys(workload: Workload, request: Request) -> Reply:
    """The public keys."""
    del request
    return Reply(200, workload.keys())
