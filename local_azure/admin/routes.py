"""The levers over HTTP: environment, request log, clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_azure.admin.plane import Admin, table
from local_azure.wire.messages import AzureError, Reply, Request

routes = table("admin")


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
    """The embedded Azure's time, its speed, and whether it is being moved."""
    del request
    return Reply(200, _clock(admin))


@routes.post("/clock/advance", name="Clock_Advance")
def advance(admin: Admin, request: Request) -> Reply:
    """Move the clock by `seconds`; answers at once, the move goes on."""
    seconds = _number(request, "seconds")
    if seconds < 0:
        raise AzureError(400, "InvalidSeconds", "seconds must not be negative.")
    if admin.moves.going_on:
        raise AzureError(409, "ClockIsMoving", "The clock is being moved; wait until it has arrived.")
    admin.moves.start(admin.levers.clock.advance(timedelta(seconds=seconds)))
    return Reply(202, _clock(admin))


@routes.put("/clock/speed", name="Clock_SetSpeed")
def set_speed(admin: Admin, request: Request) -> Reply:
    """Let the clock go at `speed` from now on."""
    try:
        admin.levers.clock.set_speed(_number(request, "speed"))
    except ValueError as error:
        raise AzureError(400, "InvalidSpeed", f"{error}.") from None
    return Reply(200, _clock(admin))


def _number(request: Request, name: str) -> float:
    value = request.json().get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise AzureError(400, f"Invalid{name.capitalize()}", f"{name} must be a number.")
    return value


def _clock(admin: Admin) -> dict[str, Any]:
    levers = admin.levers.clock
    return {
        "now": levers.now().isoformat(),
        "ahead_seconds": levers.offset.total_seconds(),
        "speed": levers.speed,
        "moving": admin.moves.going_on,
        "pending": len(levers.pending()),
    }
