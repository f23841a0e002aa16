"""A node's way to the network: everything through the proxy, TLS verified against the embedded Azure's own CA."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from local_azure.nodes.web import Lines, Web

_AT_A_TIME = 64  # nodes of one process that speak at once


class Network:
    """What all nodes of one process share: connections, and how many may speak at once."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.lines = Lines(tls)
        self.turns = asyncio.Semaphore(_AT_A_TIME)


class Outside:
    """One node's way out. *proxy* is the proxy's URL with the node's own credentials, by which IMDS knows who asks."""

    def __init__(self, network: Network, proxy: str) -> None:
        self._network = network
        self._web = Web(network.lines, proxy)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Web]:
        """An HTTP client for a few requests; it waits for its turn. The server's own proxy settings do not count."""
        async with self._network.turns:
            yield self._web
