"""The part of Microsoft Graph that says who a principal is: service principals, by id, by name, in bulk.

There are no users and no groups. Source: Microsoft Graph REST API v1.0 on Microsoft Learn (servicePrincipal, directory
objects: getByIds, errors).
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from local_azure.services.entra.directory import Directory
from local_azure.services.entra.principals import Principal
from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.router import Operation, Routes
from local_azure.wire.tokens import TokenError

HOSTS = ("graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn")
_BY_NAME = re.compile(r"servicePrincipalNames/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'([^']*)'\s*\)", re.IGNORECASE)
_BY_PROPERTY = re.compile(r"(appId|id|displayName)\s+eq\s+'([^']*)'", re.IGNORECASE)
_OBJECT_TYPE = "#microsoft.graph.servicePrincipal"


def _render(error: AzureError, request: Request) -> Reply:
    inner = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        "request-id": str(uuid.uuid4()),
        "client-request-id": request.headers.get("client-request-id", str(uuid.uuid4())),
    }
    return Reply(error.status, {"error": {"code": error.code, "message": error.message, "innerError": inner}})


def _not_found(request: Request) -> AzureError:
    segment = request.path.strip("/").rpartition("/")[2]
    return AzureError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def _guard(directory: Directory, request: Request, operation: Operation[Directory]) -> Caller:
    """Graph takes any token of the tenant that is meant for it; which reads an application may do is not modelled."""
    del operation
    try:
        return directory.tokens.verify(request.bearer, {f"https://{host}" for host in HOSTS}, directory.settings.tenant)
    except TokenError as error:
        message = {
            "missing": "Access token is empty.",
            "expired": "Lifetime validation failed, the token is expired.",
            "audience": "Access token validation failure. Invalid audience.",
        }.get(error.reason, "Access token validation failure.")
        raise AzureError(401, "InvalidAuthenticationToken", message) from None


routes: Routes[Directory] = Routes(service="graph", hosts=HOSTS, render=_render, not_found=_not_found, guard=_guard)


@routes.get("/v1.0/me", name="me_GetUser")
def me(directory: Directory, request: Request) -> Reply:
    """Who is signed in: a question for a person's token alone, and here everybody is an application."""
    del directory, request
    raise AzureError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")


@routes.get("/v1.0/servicePrincipals", name="servicePrincipals_List")
def list_service_principals(directory: Directory, request: Request) -> Reply:
    """The service principals that `$filter` names, or all."""
    condition = request.query.get("$filter", "")
    found = [_view(principal) for principal in directory.principals()]
    if match := _BY_NAME.fullmatch(condition):
        found = [view for view in found if match[2].lower() in view["servicePrincipalNames"]]
    elif match := _BY_PROPERTY.fullmatch(condition):
        name = {"appid": "appId", "displayname": "displayName"}.get(match[1].lower(), "id")
        found = [view for view in found if view[name].lower() == match[2].lower()]
    elif condition:
        raise AzureError(400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause: {condition}")
    return _collection(request, "servicePrincipals", found)


@routes.get("/v1.0/servicePrincipals/{id}", name="servicePrincipals_Get")
def get_service_principal(directory: Directory, request: Request) -> Reply:
    """One service principal, by its object id."""
    wanted = request.params["id"]
    found = next((one for one in directory.principals() if one.caller.object_id == wanted.lower()), None)
    if found is None:
        raise AzureError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{wanted}' does not exist or one of its queried reference-property objects are not present.",
        )
    return Reply(200, {"@odata.context": _context(request, "servicePrincipals/$entity"), **_view(found)})


@routes.get("/v1.0/users", name="users_List")
@routes.get("/v1.0/groups", name="groups_List")
def list_nobody(directory: Directory, request: Request) -> Reply:
    """No users and no groups."""
    del directory
    return _collection(request, request.path.strip("/").rpartition("/")[2], [])


@routes.post("/v1.0/directoryObjects/getByIds", name="directoryObjects_GetByIds")
def get_by_ids(directory: Directory, request: Request) -> Reply:
    """Those of the named objects that exist, each with its type."""
    ids = request.json().get("ids")
    if not isinstance(ids, list) or not ids:
        raise AzureError(400, "Request_BadRequest", "The 'ids' collection must have at least one element.")
    wanted = {str(one).lower() for one in ids}
    found = [one for one in directory.principals() if one.caller.object_id in wanted]
    return _collection(request, "directoryObjects", [{"@odata.type": _OBJECT_TYPE, **_view(one)} for one in found])


def _view(principal: Principal) -> dict[str, Any]:
    resource = principal.caller.resource_id
    explicit = "/userassignedidentities/" in resource.lower()
    return {
        "id": principal.caller.object_id,
        "appId": principal.caller.client_id,
        "displayName": principal.display_name,
        "servicePrincipalType": principal.kind,
        "servicePrincipalNames": [principal.caller.client_id],
        "alternativeNames": [f"isExplicit={explicit}", resource] if resource else [],
        "accountEnabled": True,
    }


def _collection(request: Request, name: str, values: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"@odata.context": _context(request, name), "value": values})


def _context(request: Request, name: str) -> str:
    return f"https://{request.host}/v1.0/$metadata#{name}"
