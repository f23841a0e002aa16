"""Identities over HTTP: speaks, decides nothing."""

from __future__ import annotations

from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.arm.lists import listed
from local_azure.services.msi.identities import IDENTITY_TYPE, Identities, Identity
from local_azure.services.msi.machine_identity import machine_id
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes

_SUBSCRIPTION = "/subscriptions/{subscription}"
_ALL = f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers/{IDENTITY_TYPE}"
ONE = f"{_ALL}/{{name}}"

routes: Routes[Identities] = Routes(
    service="msi",
    hosts=HOSTS,
    api_versions=frozenset({"2018-11-30", "2023-01-31", "2024-11-30", "2025-01-31-preview", "2025-05-31-preview"}),
    guard=guard,
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
)


@routes.put(ONE, name="UserAssignedIdentities_CreateOrUpdate", permission=f"{IDENTITY_TYPE}/write")
def put(identities: Identities, request: Request) -> Reply:
    """Create or update an identity."""
    body = request.json()
    if not body.get("location"):
        raise AzureError(400, "LocationRequired", "The location property is required for this definition.")
    identity, created = identities.put(
        request.params["group"], request.params["name"], str(body["location"]), body.get("tags") or {}
    )
    return Reply(201 if created else 200, _json(identities, identity))


@routes.patch(ONE, name="UserAssignedIdentities_Update", permission=f"{IDENTITY_TYPE}/write")
def patch(identities: Identities, request: Request) -> Reply:
    """Change an identity's tags."""
    known = identities.get(request.params["group"], request.params["name"])
    tags = request.json().get("tags")
    identity, _ = identities.put(known.group, known.name, known.location, known.tags if tags is None else tags)
    return Reply(200, _json(identities, identity))


@routes.get(ONE, name="UserAssignedIdentities_Get", permission=f"{IDENTITY_TYPE}/read")
def get(identities: Identities, request: Request) -> Reply:
    """One identity."""
    return Reply(200, _json(identities, identities.get(request.params["group"], request.params["name"])))


@routes.delete(ONE, name="UserAssignedIdentities_Delete", permission=f"{IDENTITY_TYPE}/delete")
def delete(identities: Identities, request: Request) -> Reply:
    """Remove an identity: 200, or 204 where there was none."""
    return Reply(200 if identities.delete(request.params["group"], request.params["name"]) else 204)


@routes.get(_ALL, name="UserAssignedIdentities_ListByResourceGroup", permission=f"{IDENTITY_TYPE}/read")
def list_group(identities: Identities, request: Request) -> Reply:
    """The identities of one group."""
    group = identities.groups.get(request.params["group"]).name
    return listed(request, [_json(identities, identity) for identity in identities.all(group)])


@routes.get(
    f"{_SUBSCRIPTION}/providers/{IDENTITY_TYPE}",
    name="UserAssignedIdentities_ListBySubscription",
    permission=f"{IDENTITY_TYPE}/read",
)
def list_all(identities: Identities, request: Request) -> Reply:
    """All identities of the subscription."""
    return listed(request, [_json(identities, identity) for identity in identities.all()])


@routes.get(
    f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers/{{provider}}/{{type}}/{{resource}}"
    "/providers/Microsoft.ManagedIdentity/identities/default",
    name="SystemAssignedIdentities_GetByScope",
    permission="Microsoft.ManagedIdentity/identities/read",
    lacks="of the caller's machine alone",
)
def get_system_assigned(identities: Identities, request: Request) -> Reply:
    """The identity that the resource in front has of itself: here, the caller's machine alone."""
    settings = identities.access.settings
    scope = request.path[: request.path.lower().index("/providers/microsoft.managedidentity/")]
    if scope.lower() != machine_id(settings).lower():
        raise AzureError(404, "ResourceNotFound", f"The resource '{scope}' has no system-assigned identity.")
    return Reply(
        200,
        {
            "id": f"{scope}/providers/Microsoft.ManagedIdentity/identities/default",
            "name": "default",
            "type": "Microsoft.ManagedIdentity/identities",
            "location": settings.region,
            "properties": {
                "tenantId": settings.tenant,
                "principalId": settings.machine_object_id,
                "clientId": settings.machine_client_id,
            },
        },
    )


@routes.get("/providers/Microsoft.ManagedIdentity/operations", name="Operations_List")
def list_operations(identities: Identities, request: Request) -> Reply:
    """What can be done with identities, one entry for each permission that is asked for here."""
    del identities, request
    names = sorted({operation.permission for operation in routes.operations if operation.permission})
    return Reply(200, {"value": [_operation(name) for name in names]})


def identity_of(identities: Identities, request: Request) -> Identity:
    """The identity of the path. Raises: AzureError 404."""
    return identities.get(request.params["group"], request.params["name"])


def _operation(name: str) -> dict[str, Any]:
    provider, _, rest = name.partition("/")
    resource, _, verb = rest.rpartition("/")
    display = {"provider": provider, "resource": resource, "operation": verb.capitalize()}
    return {"name": name, "display": {**display, "description": f"{verb.capitalize()} {resource}"}}


def _json(identities: Identities, identity: Identity) -> dict[str, Any]:
    return {
        "id": identities.arm_id(identity.group, identity.name),
        "name": identity.name,
        "type": IDENTITY_TYPE,
        "location": identity.location,
        "tags": identity.tags,
        "properties": {
            "tenantId": identities.access.settings.tenant,
            "principalId": identity.principal_id,
            "clientId": identity.client_id,
        },
    }
