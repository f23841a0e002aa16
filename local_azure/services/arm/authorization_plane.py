"""What all operations of Microsoft.Authorization have in common.

A scope is any path in front of the provider, so each operation has a template for every depth of a scope.
"""

from __future__ import annotations

from collections.abc import Callable

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, Access, guard
from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Routes

PROVIDER = "/providers/Microsoft.Authorization"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_RESOURCE = f"{_GROUP}/providers/{{provider}}/{{type}}/{{resource}}"
_SCOPES = ("", _SUBSCRIPTION, _GROUP, _RESOURCE, f"{_RESOURCE}/{{child_type}}/{{child}}")
Handler = Callable[[Access, Request], Reply]


class _Guarded:
    """`Access` as its own guarded service."""

    def __init__(self, access: Access) -> None:
        self.access = access


routes: Routes[Access] = Routes(
    service="authorization",
    hosts=HOSTS,
    api_versions=frozenset(
        {
            "2015-07-01",
            "2018-01-01-preview",
            "2020-04-01-preview",
            "2020-10-01-preview",
            "2022-04-01",
            "2022-05-01-preview",
        }
    ),
    guard=lambda access, request, operation: guard(_Guarded(access), request, operation),
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
    ignores=frozenset({"$skipToken", "tenantId"}),
)


def at_every_scope(method: str, path: str, *, name: str, permission: str = "") -> Callable[[Handler], Handler]:
    """Declare the decorated function as the operation *name* at *path* behind the provider, at every scope."""

    def declare(handler: Handler) -> Handler:
        for scope in _SCOPES:
            routes.on(method, f"{scope}{PROVIDER}/{path}", name=name, permission=permission)(handler)
        return handler

    return declare


def scope_of(request: Request) -> str:
    """The path in front of the provider; "" for the whole tenant."""
    return request.path[: request.path.lower().index(f"{PROVIDER.lower()}/")]
