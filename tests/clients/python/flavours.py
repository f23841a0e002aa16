"""The two flavours of Microsoft's Python clients, called alike."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import Any

from python.watched import Watched

_PATIENCE_SECONDS = 60
_BETWEEN_SECONDS = 0.1


class Sync:
    """Calls the clients as they are.

    Attributes:
        name: "sync" or "aio".
        clients: one client of each kind that was made, by its path.
        called: the operations that tests called: "azure.batch.BatchClient.get_pool".
    """

    name = "sync"

    def __init__(self, options: dict[str, Any]) -> None:
        self.clients: dict[str, Any] = {}
        self.called: set[str] = set()
        self._options = options
        self._open: list[Any] = []

    def client(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """A client whose calls are noted, as in "azure.batch.BatchClient"; closed when the suite ends."""
        made = self.clients[self.path(path)] = self.credential(path, *args, **kwargs)
        return Watched(made, self.path(path), self.called)

    def credential(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """A credential, as in "azure.identity.ClientSecretCredential", closed when the suite ends."""
        return self.plain(path, *args, **self._options, **kwargs)

    def plain(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """The same for one that opens no connection of its own, and takes no options for one."""
        module, _, name = self.path(path).rpartition(".")
        made = getattr(importlib.import_module(module), name)(*args, **kwargs)
        self._open.append(made)
        return made

    def path(self, path: str) -> str:
        """Where the flavour's own client or credential of that path is."""
        return path

    def done(self, outcome: Any) -> Any:
        """What a call gives in the end."""
        return outcome

    def all(self, items: Iterable[Any]) -> list[Any]:
        """Everything that a pager or a stream gives."""
        return list(items)

    def poll(self, begun: Any) -> Any:
        """The result of a long-running operation."""
        return self.done(self.done(begun).result())

    def act(self, client: Any, operation: str, *args: Any, **kwargs: Any) -> Any:
        """A Key Vault operation whose sync client has a poller, and whose aio client waits by itself."""
        return getattr(client, f"begin_{operation}")(*args, **kwargs).result()

    def until(self, ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer *holds*, and give it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not holds(answer := ask()):
            assert time.monotonic() < deadline, f"it did not come to pass in time: {answer}"
            time.sleep(_BETWEEN_SECONDS)
        return answer

    def close(self) -> None:
        """Close every client."""
        for client in self._open:
            self.done(client.close())


class Aio(Sync):
    """The same for the aio clients, in one event loop."""

    name = "aio"

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._runner = asyncio.Runner()

    def path(self, path: str) -> str:
        module, _, name = path.rpartition(".")
        return f"{module}.aio.{name}"

    def done(self, outcome: Any) -> Any:
        return self._runner.run(_awaited(outcome)) if isinstance(outcome, Awaitable) else outcome

    def all(self, items: Any) -> list[Any]:
        return list(self._runner.run(_listed(self.done(items))))

    def act(self, client: Any, operation: str, *args: Any, **kwargs: Any) -> Any:
        return self.done(getattr(client, operation)(*args, **kwargs))

    def close(self) -> None:
        super().close()
        self._runner.close()


async def _awaited(outcome: Awaitable[Any]) -> Any:
    return await outcome


async def _listed(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]
