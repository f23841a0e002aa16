"""The levers over HTTP: environment, request log, clock. Loopback only, and only with the ready file's token."""

from __future__ import annotations

import asyncio
import hmac
from datetime import timedelta
from typing import Any, Protocol

from local_azure.clock import Clock
from local_azure.wire.log import RequestLog
from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.router import Operation, Routes


class Levers(Protocol):
    """What the admin port moves."""

    clock: Clock
    log: RequestLog

    def env(self) -> dict[str, str]:
        """The environment for clients."""


class Admin:
    """The admin port's service; *token* is what a caller must show."""

    def __init__(self, levers: Levers, token: str) -> None:
        self.levers = levers
        self.token = token
        self._moves: set[asyncio.Task[Any]] = set()

    def advance(self, by: timedelta) -> None:
        """Start to move the clock; `GET /clock` tells when it has arrived."""
        move = asyncio.ensure_future(self.levers.clock.advance(by))
        self._moves.add(move)
        move.add_done_callback(self._moves.discard)

    @property
    def moving(self) -> bool:
        """Whether a move has not arrived yet."""
        return bool(self._moves)


def _guard(admin: Admin, request: Request, operation: Operation[Admin]) -> Caller:
    del operation
    if not hmac.compare_digest(request.bearer.encode(), admin.token.encode()):
        raise AzureError(401, "Unauthorized", "The admin port asks for the token of the ready file.")
    return Caller("admin", "admin", "")


def _render(error: AzureError, request: Request) -> Reply:
    del request
    return Reply(error.status, {"error": {"code": error.code, "message": error.message}})


routes: Routes[Admin] = Routes(
    service="admin",
    hosts=("127.0.0.1",),
    render=_render,
    not_found=lambda request: AzureError(404, "NotFound", f"There is no lever at {request.path}."),
    guard=_guard,
)


@routes.get("/env", name="Env_Get")
def env(admin: Admin, request: Request) -> Reply:
    """The environment for clients."""
    del request
    return Reply(200, admin.levers.env())


@routes.get("/requests", name="Requests_List")
def requests(admin: Admin, request: Request) -> Reply:
    """Every request received, oldest first."""
    del request
    return Reply(200, {"value": [entry.as_json() for entry in admin.levers.log.entries()]})


@routes.delete("/requests", name="Requests_Clear")
def clear_requests(admin: Admin, request: Request) -> Reply:
    """Forget the requests received so far."""
    del request
    admin.levers.log.clear()
    return Reply(204)


@routes.get("/clock", name="Clock_Get")
def clock(admin: Admin, request: Request) -> Reply:
    """The embedded Azure's time and whether it is being moved."""
    del request
    return Reply(200, _clock(admin))


@routes.post("/clock/advance", name="Clock_Advance")
def advance(admin: Admin, request: Request) -> Reply:
    """Move the clock by `seconds`; answers at once, the move goes on."""
    seconds = request.json().get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise AzureError(400, "InvalidSeconds", "seconds must be a number that is not negative.")
    if admin.moving:
        raise AzureError(409, "ClockIsMoving", "The clock is being moved; wait until it has arrived.")
    admin.advance(timedelta(seconds=seconds))
    return Reply(202, _clock(admin))


def _clock(admin: Admin) -> dict[str, Any]:
    levers = admin.levers.clock
    return {
        "now": levers.now().isoformat(),
        "ahead_seconds": levers.offset.total_seconds(),
        "moving": admin.moving,
        "pending": len(levers.pending()),
    }
