"""The admin port's table of operations, and what they work on. Only whoever has the ready file's token gets in."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Coroutine
from typing import Any, Protocol

from local_azure.clock import Clock
from local_azure.services.batch.service import Batch
from local_azure.services.keyvault.service import KeyVault
from local_azure.wire.faults import Faults, Rule
from local_azure.wire.log import RequestLog
from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.router import Operation, Routes


class Levers(Protocol):
    """What the admin port moves."""

    clock: Clock
    log: RequestLog
    faults: Faults
    batch: Batch
    keyvault: KeyVault

    def env(self) -> dict[str, str]:
        """The environment for clients."""

    def operations(self) -> set[str]:
        """The name of every operation that is served."""

    async def apply_faults(self, added: Rule | None = None) -> None:
        """Let what lasts follow the fault rules, of which *added* is new."""


class Admin:
    """The admin port's service; *token* is what a caller must show."""

    def __init__(self, levers: Levers, token: str) -> None:
        self.levers = levers
        self.token = token
        self.moves = Works()
        self.applications = Works()


class Works:
    """What goes on after its request was answered; a caller asks again until it is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let *work* go on."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def going_on(self) -> bool:
        """Whether any of it is not done yet."""
        return bool(self._tasks)


def _guard(admin: Admin, request: Request, operation: Operation[Admin]) -> Caller:
    del operation
    if not hmac.compare_digest(request.bearer.encode(), admin.token.encode()):
        raise AzureError(401, "Unauthorized", "The admin port asks for the token of the ready file.")
    return Caller("admin", "admin", "")


def _render(error: AzureError, request: Request) -> Reply:
    del request
    return Reply(error.status, {"error": {"code": error.code, "message": error.message}})


def table(service: str) -> Routes[Admin]:
    """A table for operations of the admin port, to be filled in."""
    return Routes(
        service=service,
        hosts=("127.0.0.1",),
        render=_render,
        not_found=lambda request: AzureError(404, "NotFound", f"There is no lever at {request.path}."),
        guard=_guard,
    )
