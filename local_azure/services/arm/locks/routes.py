"""Management locks over HTTP: speaks, decides nothing. Source: Management Locks REST 2016-09-01."""

from __future__ import annotations

from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.arm.lists import listed
from local_azure.services.arm.locks.locks import LOCK_TYPE, Lock, Locks, lock_id
from local_azure.services.arm.scopes import at_every_scope, scope_of
from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Routes

_ONE = "locks/{name}"

routes: Routes[Locks] = Routes(
    service="locks",
    hosts=HOSTS,
    api_versions=frozenset({"2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"}),
    guard=guard,
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
)


@at_every_scope(routes, "PUT", _ONE, name="ManagementLocks_CreateOrUpdateByScope", permission=f"{LOCK_TYPE}/write")
def put(locks: Locks, request: Request) -> Reply:
    """Lock a scope, or change a lock."""
    properties = request.json().get("properties")
    given: dict[str, Any] = properties if isinstance(properties, dict) else {}
    owners = [str(owner.get("applicationId")) for owner in given.get("owners") or [] if isinstance(owner, dict)]
    lock = Lock(
        name=request.params["name"],
        scope=scope_of(request),
        level=str(given.get("level") or ""),
        notes=str(given.get("notes") or ""),
        owners=owners,
    )
    return Reply(201 if locks.put(lock) else 200, _json(lock))


@at_every_scope(routes, "GET", _ONE, name="ManagementLocks_GetByScope", permission=f"{LOCK_TYPE}/read")
def get(locks: Locks, request: Request) -> Reply:
    """One lock."""
    return Reply(200, _json(locks.get(scope_of(request), request.params["name"])))


@at_every_scope(routes, "DELETE", _ONE, name="ManagementLocks_DeleteByScope", permission=f"{LOCK_TYPE}/delete")
def delete(locks: Locks, request: Request) -> Reply:
    """Take a lock away: 200, or 204 where there was none."""
    return Reply(200 if locks.delete(scope_of(request), request.params["name"]) else 204)


@at_every_scope(routes, "GET", "locks", name="ManagementLocks_ListByScope", permission=f"{LOCK_TYPE}/read")
def list_all(locks: Locks, request: Request) -> Reply:
    """The locks at, above and below the scope; the filter `atScope()` leaves out those below."""
    at_scope = "atscope()" in request.query.get("$filter", "").lower()
    return listed(request, [_json(lock) for lock in locks.listed(scope_of(request), at_scope=at_scope)])


def _json(lock: Lock) -> dict[str, Any]:
    owners = {"owners": [{"applicationId": owner} for owner in lock.owners]} if lock.owners else {}
    notes = {"notes": lock.notes} if lock.notes else {}
    properties = {"level": lock.level, **notes, **owners}
    return {"id": lock_id(lock), "name": lock.name, "type": LOCK_TYPE, "properties": properties}
