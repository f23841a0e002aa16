"""Operations of Microsoft.Authorization at every scope.

A scope is any path in front of the provider, so each operation has a template for every depth of a scope.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Routes

PROVIDER = "/providers/Microsoft.Authorization"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_RESOURCE = f"{_GROUP}/providers/{{provider}}/{{type}}/{{resource}}"
_SCOPES = ("", _SUBSCRIPTION, _GROUP, _RESOURCE, f"{_RESOURCE}/{{child_type}}/{{child}}")

S = TypeVar("S")
Handler = Callable[[S, Request], Reply]


def at_every_scope(
    routes: Routes[S], method: str, path: str, *, name: str, permission: str = ""
) -> Callable[[Handler[S]], Handler[S]]:
    """Declare the decorated function as the operation *name* at *path* behind the provider, at every scope."""

    def declare(handler: Handler[S]) -> Handler[S]:
        for scope in _SCOPES:
            routes.on(method, f"{scope}{PROVIDER}/{path}", name=name, permission=permission)(handler)
        return handler

    return declare


def scope_of(request: Request) -> str:
    """The path in front of the provider; "" for the whole tenant."""
    return request.path[: request.path.lower().rindex(f"{PROVIDER.lower()}/")]
