"""From a request to the operation that answers it.

Each service declares its operations in a `Routes`; the table is data, so that coverage can be read from it. Among the
templates that match, the one with the most literal segments (from the left) wins: the order of declaration never
decides.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from local_azure.wire import distortion
from local_azure.wire.faults import Faults
from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.templates import match_host, segments_of, template_of

S = TypeVar("S")
Handler = Callable[[S, Request], Reply]
Answer = Callable[[Request], Reply]
Front = Callable[[Request, Answer], Reply]

_log = logging.getLogger(__name__)
_HOSTS = 1024  # whose services are remembered
_NO_ANSWER = 0  # in the place of a status, where there is no answer


@dataclass(frozen=True)
class Operation(Generic[S]):
    """One operation: how it is asked for, its published name, and what the caller must be allowed to do.

    *permission* is read by the service's guard alone: "certificates/create", or an ARM action. *template* is a path
    with `{names}`; a last segment `{name:path}` takes the rest of the path. *public* operations have no guard. *lacks*
    says what the published operation has and this one has not.
    """

    method: str
    template: str
    name: str
    permission: str
    public: bool
    handler: Handler[S]
    lacks: str = ""


@dataclass(frozen=True)
class Routes(Generic[S]):
    """The operations of one service at one kind of host.

    Attributes:
        service: the service's name, for logs and coverage.
        hosts: host names, where a first label in braces is a parameter: "{vault}.vault.azure.net".
        render: an AzureError in this service's shape.
        not_found: the refusal of a path that no operation has.
        api_versions: the versions that are served.
        bad_version: the refusal of an unknown or missing api-version; None where the protocol has no versions.
        guard: finds out who is asking and whether they may, raises AzureError; None where everybody may.
        finish: adds the headers that every reply of this service bears.
        trouble: the service's own code and message for a status that means trouble of its own, as 429 and 503.
        ignores: published query parameters and headers that no operation obeys.
    """

    service: str
    hosts: tuple[str, ...]
    render: Callable[[AzureError, Request], Reply]
    not_found: Callable[[Request], AzureError]
    api_versions: frozenset[str] = frozenset()
    bad_version: Callable[[Request, frozenset[str]], AzureError] | None = None
    guard: Callable[[S, Request, Operation[S]], Caller] | None = None
    finish: Callable[[Request, Reply], Reply] = lambda _request, reply: reply
    trouble: distortion.Words = field(default_factory=dict)
    ignores: frozenset[str] = frozenset()
    operations: list[Operation[S]] = field(default_factory=list)

    def on(
        self, method: str, template: str, *, name: str, permission: str = "", public: bool = False, lacks: str = ""
    ) -> Callable[[Handler[S]], Handler[S]]:
        """Declare the decorated function as the operation *name* (as in Microsoft's API description)."""

        def declare(handler: Handler[S]) -> Handler[S]:
            self.operations.append(Operation(method, template, name, permission, public, handler, lacks))
            return handler

        return declare

    def get(self, template: str, **declared: Any) -> Callable[[Handler[S]], Handler[S]]:
        """`on` for GET."""
        return self.on("GET", template, **declared)

    def put(self, template: str, **declared: Any) -> Callable[[Handler[S]], Handler[S]]:
        """`on` for PUT."""
        return self.on("PUT", template, **declared)

    def post(self, template: str, **declared: Any) -> Callable[[Handler[S]], Handler[S]]:
        """`on` for POST."""
        return self.on("POST", template, **declared)

    def patch(self, template: str, **declared: Any) -> Callable[[Handler[S]], Handler[S]]:
        """`on` for PATCH."""
        return self.on("PATCH", template, **declared)

    def delete(self, template: str, **declared: Any) -> Callable[[Handler[S]], Handler[S]]:
        """`on` for DELETE."""
        return self.on("DELETE", template, **declared)


@dataclass(frozen=True)
class _Mount:
    routes: Routes[Any]
    service: Any


Candidates = tuple[tuple[_Mount, dict[str, str]], ...]


class Router:
    """All services, each at its hosts. *faults* says which requests go wrong, and how."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._mounts: list[_Mount] = []
        self._faults = faults
        self._fronts: dict[str, Front] = {}
        self._at = functools.lru_cache(_HOSTS)(self._find)

    def mount(self, routes: Routes[S], service: S) -> None:
        """Let *service* answer the operations of *routes*."""
        self._mounts.append(_Mount(routes, service))
        self._at.cache_clear()

    def set_front(self, hosts: Iterable[str], front: Front) -> None:
        """Let *front* stand before every service at *hosts*: it is given each request, and what answers it."""
        self._fronts |= dict.fromkeys(hosts, front)

    def tables(self) -> list[Routes[Any]]:
        """The table of each service, in the order in which they were mounted."""
        return [mount.routes for mount in self._mounts]

    def operations(self) -> set[str]:
        """The name of every operation that is served."""
        return {operation.name for mount in self._mounts for operation in mount.routes.operations}

    def trouble(self, status: int) -> dict[str, bool]:
        """Which services have words of their own for *status*."""
        return {mount.routes.service: status in mount.routes.trouble for mount in self._mounts}

    def hosts(self) -> list[str]:
        """Every host name that is served, with `*` for a first label that is a parameter."""
        names = {host for mount in self._mounts for host in mount.routes.hosts}
        return sorted("*" + host[host.index("}") + 1 :] if host.startswith("{") else host for host in names)

    def serves(self, host: str) -> bool:
        """Whether any service answers at *host*."""
        return bool(self._at(host))

    def answer(self, request: Request) -> Reply:
        """The reply to *request*, refusals included, in the shape of the service that is asked."""
        front = self._fronts.get(request.host)
        return front(request, self._answer) if front else self._answer(request)

    def _answer(self, request: Request) -> Reply:
        candidates = self._at(request.host)
        if not candidates:
            return Reply(502, {"error": {"code": "UnknownHost", "message": f"{request.host} is not served here."}})
        best = _best(candidates, request)
        if best is None:
            mount = candidates[0][0]
            return _refusal(mount.routes, mount.routes.not_found(request), request)
        mount, operation, params = best
        return self._perform(mount, operation, replace(request, params=params))

    def _find(self, host: str) -> Candidates:
        return tuple(
            (mount, found)
            for mount in self._mounts
            for pattern in mount.routes.hosts
            if (found := match_host(pattern, host)) is not None
        )

    def _perform(self, mount: _Mount, operation: Operation[Any], request: Request) -> Reply:
        """Perform the operation, unless a fault strikes."""
        path = unquote(request.path)
        rule = self._faults and self._faults.strike(distortion.DOMAIN, operation.name, path, f"{request.host}{path}")
        if not rule:
            return _perform(mount, operation, request)
        delivery = distortion.delivery_of(rule.effect, rule.id)
        if distortion.unheard(rule.effect):
            return Reply(_NO_ANSWER, delivery=delivery)
        refusal = distortion.refusal_of(rule.effect, mount.routes.trouble)
        reply = _refusal(mount.routes, refusal, request) if refusal else _perform(mount, operation, request)
        return replace(reply, delivery=delivery)


def _perform(mount: _Mount, operation: Operation[Any], request: Request) -> Reply:
    routes = mount.routes
    if routes.bad_version and request.api_version not in routes.api_versions:
        return _refusal(routes, routes.bad_version(request, routes.api_versions), request)
    try:
        if routes.guard and not operation.public:
            request = replace(request, caller=routes.guard(mount.service, request, operation))
        return routes.finish(request, operation.handler(mount.service, request))
    except AzureError as error:
        return _refusal(routes, error, request)
    except Exception:  # noqa: BLE001 - a fault of ours must reach the client as Azure's 500, not as a closed connection
        _log.exception("%s %s failed", request.method, request.path)
        return _refusal(routes, AzureError(500, "InternalServerError", "The operation failed."), request)


def _refusal(routes: Routes[Any], error: AzureError, request: Request) -> Reply:
    reply = routes.render(error, request)
    return routes.finish(request, replace(reply, headers={**reply.headers, **error.headers}))


def _best(candidates: Candidates, request: Request) -> tuple[_Mount, Operation[Any], dict[str, str]] | None:
    segments = segments_of(request.path)
    methods = {"GET", "HEAD"} if request.method == "HEAD" else {request.method}
    found = [
        (match[0], operation.method != request.method, index, mount, operation, {**host_params, **match[1]})
        for index, (mount, host_params) in enumerate(candidates)
        for operation in mount.routes.operations
        if operation.method in methods
        if (match := template_of(operation.template).match(segments)) is not None
    ]
    if not found:
        return None
    _, _, _, mount, operation, params = min(found, key=lambda row: row[:3])
    return mount, operation, params
