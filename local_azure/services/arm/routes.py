"""Microsoft.Resources over HTTP: subscriptions, locations, resource groups, resources."""

from __future__ import annotations

import uuid
from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.arm.groups import GROUP_TYPE, Group, Groups
from local_azure.services.arm.lists import listed
from local_azure.services.arm.locations import locations
from local_azure.services.arm.plane import API_VERSIONS
from local_azure.services.arm.resources import matching
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
GROUP_ACTIONS = "Microsoft.Resources/subscriptions/resourceGroups"
routes: Routes[Groups] = Routes(
    service="resources",
    hosts=HOSTS,
    api_versions=API_VERSIONS,
    guard=guard,
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
)


@routes.get("/tenants", name="Tenants_List")
def list_tenants(groups: Groups, request: Request) -> Reply:
    """The one tenant."""
    del request
    tenant = groups.access.settings.tenant
    entry = {"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "Embedded Azure", "tenantCategory": "Home"}
    return Reply(200, {"value": [entry]})


@routes.get("/subscriptions", name="Subscriptions_List")
def list_subscriptions(groups: Groups, request: Request) -> Reply:
    """The one subscription, for whoever has a role in it: Azure lists those that the caller can use."""
    seen = [_subscription(groups)] if groups.access.has_role(request.who().object_id) else []
    return Reply(200, {"value": seen, "count": {"type": "Total", "value": len(seen)}})


@routes.get(_SUBSCRIPTION, name="Subscriptions_Get")
def get_subscription(groups: Groups, request: Request) -> Reply:
    """The one subscription, or 404 by the guard."""
    del request
    return Reply(200, _subscription(groups))


@routes.get(f"{_SUBSCRIPTION}/locations", name="Subscriptions_ListLocations")
def list_locations(groups: Groups, request: Request) -> Reply:
    """The regions of the cloud that is asked."""
    return Reply(200, {"value": locations(groups.access.settings.subscription, request.host)})


@routes.get(f"{_SUBSCRIPTION}/resources", name="Resources_List")
@routes.get(f"{_GROUP}/resources", name="Resources_ListByResourceGroup")
def list_resources(groups: Groups, request: Request) -> Reply:
    """The resources that the caller may read, of one group or of all."""
    wanted, group = matching(request.query.get("$filter", "")), request.params.get("group", "")
    if group:
        groups.get(group)
    caller = request.who().object_id
    found = [
        resource.as_json()
        for resource in groups.resources()
        if wanted(resource)
        and (not group or resource.group.lower() == group.lower())
        and groups.access.allows(caller, f"{resource.type}/read", resource.id)
    ]
    return listed(request, found)


@routes.get(f"{_SUBSCRIPTION}/resourceGroups", name="ResourceGroups_List")
def list_groups(groups: Groups, request: Request) -> Reply:
    """The resource groups that the caller may read."""
    caller, above = request.who().object_id, request.path.strip("/")
    seen = [
        group
        for group in groups.all()
        if groups.access.allows(caller, f"{GROUP_ACTIONS}/read", f"/{above}/{group.name}")
    ]
    return Reply(200, {"value": [_group(groups, group) for group in seen]})


@routes.get(_GROUP, name="ResourceGroups_Get", permission=f"{GROUP_ACTIONS}/read")
def get_group(groups: Groups, request: Request) -> Reply:
    """One resource group."""
    return Reply(200, _group(groups, groups.get(request.params["group"])))


@routes.on(
    "HEAD",
    _GROUP,
    name="ResourceGroups_CheckExistence",
    permission=f"{GROUP_ACTIONS}/read",
)
def group_exists(groups: Groups, request: Request) -> Reply:
    """204 for a group that exists; 404 otherwise."""
    groups.get(request.params["group"])
    return Reply(204)


@routes.put(_GROUP, name="ResourceGroups_CreateOrUpdate", permission=f"{GROUP_ACTIONS}/write")
def put_group(groups: Groups, request: Request) -> Reply:
    """Create or update a resource group."""
    body = request.json()
    if not body.get("location"):
        raise AzureError(400, "LocationRequired", "The location property is required for this definition.")
    group, created = groups.put(request.params["group"], str(body["location"]), body.get("tags") or {})
    return Reply(201 if created else 200, _group(groups, group))


@routes.delete(_GROUP, name="ResourceGroups_Delete", permission=f"{GROUP_ACTIONS}/delete")
def delete_group(groups: Groups, request: Request) -> Reply:
    """Remove a resource group with all it holds: 202, then poll."""
    groups.delete(request.params["group"])
    subscription = groups.access.settings.subscription
    location = f"https://{request.host}/subscriptions/{subscription}/operationresults/{uuid.uuid4().hex}"
    return Reply(202, headers={"Location": f"{location}?api-version={request.api_version}", "Retry-After": "0"})


@routes.get(f"{_SUBSCRIPTION}/operationresults/{{operation}}", name="OperationResults_Get")
def operation_result(groups: Groups, request: Request) -> Reply:
    """How a removal ended: it has, as soon as anybody asks."""
    del groups, request
    return Reply(200)


def _subscription(groups: Groups) -> dict[str, Any]:
    settings = groups.access.settings
    return {
        "id": f"/subscriptions/{settings.subscription}",
        "subscriptionId": settings.subscription,
        "tenantId": settings.tenant,
        "displayName": "Embedded Azure",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
        "authorizationSource": "RoleBased",
    }


def _group(groups: Groups, group: Group) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{groups.access.settings.subscription}/resourceGroups/{group.name}",
        "name": group.name,
        "type": GROUP_TYPE,
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": "Succeeded"},
    }
