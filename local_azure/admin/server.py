"""The admin port: a listening port of its own on loopback."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Mapping

from local_azure.admin import batch_routes, fault_routes, mail_routes, routes
from local_azure.admin.plane import Admin, Levers
from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Router
from local_azure.wire.server import ProxyServer

TABLES = (routes.routes, fault_routes.routes, batch_routes.routes, mail_routes.routes)


class AdminServer:
    """Serves the levers of one embedded Azure to whoever has the token."""

    def __init__(self, levers: Levers) -> None:
        self.token = secrets.token_urlsafe(24)
        admin = Admin(levers, self.token)
        self._router = Router()
        for table in TABLES:
            self._router.mount(table, admin)
        self._server = ProxyServer(
            answer=self._answer,
            serves=lambda _host: False,  # nobody tunnels through the admin port
            tls=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
            touch=lambda: None,
        )
        self.url = ""

    async def start(self, port: int = 0) -> None:
        """Listen at *port*, or at a free one."""
        self.url = f"http://127.0.0.1:{await self._server.start(port)}"

    async def close(self) -> None:
        """Stop listening."""
        await self._server.close()

    def _answer(self, request: Request) -> tuple[Reply, Mapping[str, str]]:
        reply = self._router.answer(request)
        return reply, reply.headers
