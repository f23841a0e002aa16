"""Real SSH servers on loopback, well-behaved and hostile."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncssh
import pytest

from batchcert.spec.visit import VisitSpec
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Answer, Host, Limits
from tasks.ssh.visit import visit

USER = "visitor"
Handler = Callable[[asyncssh.SSHServerProcess[bytes]], Awaitable[None]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Node:
    """A server and what it saw."""

    port: int
    host_keys: tuple[str, ...]
    connections: list[Any] = field(default_factory=list)
    auth_attempts: list[str] = field(default_factory=list)
    lost: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def host(self, node_id: str = "tvm-1", **changes: Any) -> Host:
        return Host(
            **{
                "node_id": node_id,
                "address": "127.0.0.1",
                "port": self.port,
                "user": USER,
                "host_keys": self.host_keys,
                **changes,
            }
        )


class Servers:
    """Starts servers on an event loop in a thread of its own."""

    def __init__(self, key: EphemeralKey) -> None:
        self._key = key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: list[Any] = []
        self._thread.start()

    def run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(30)

    def ssh(
        self,
        handler: Handler | None = None,
        *,
        host_key: str | asyncssh.SSHKey = "ssh-ed25519",
        server: type[asyncssh.SSHServer] = asyncssh.SSHServer,
        sock: Any = None,
        **options: Any,
    ) -> Node:
        """An SSH server that knows the key; *handler* is the command it runs."""
        if isinstance(host_key, str):
            host_key = asyncssh.generate_private_key(host_key)
        node = Node(0, (host_key.export_public_key().decode().strip(),))
        where = {"sock": sock} if sock else {"host": "127.0.0.1", "port": 0}
        authorized = asyncssh.import_authorized_keys(self._key.public_line)
        options = {
            "authorized_client_keys": authorized,
            "encoding": None,
            "process_factory": handler or echo,
            **options,
        }
        listening = asyncssh.listen(
            **where,
            server_host_keys=[host_key],
            server_factory=_seen_by(node, server),
            **options,
        )
        acceptor = self.run(listening)
        self._open.append(acceptor)
        node.port = acceptor.get_port()
        return node

    def raw(self, handler: Raw) -> Node:
        """A TCP server that speaks what *handler* writes."""
        node = Node(0, (asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip(),))

        async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            node.connections.append(writer)
            try:
                await handler(reader, writer)
            except OSError:
                pass
            finally:
                writer.close()

        server = self.run(asyncio.start_server(counted, "127.0.0.1", 0))
        self._open.append(server)
        node.port = server.sockets[0].getsockname()[1]
        return node

    def close(self) -> None:
        async def end() -> None:
            for server in self._open:
                server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def _seen_by(node: Node, server: type[asyncssh.SSHServer]) -> Callable[[], asyncssh.SSHServer]:
    class Watched(server):  # type: ignore[misc, valid-type]
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            node.connections.append(conn)
            self.conn = conn
            super().connection_made(conn)

        def connection_lost(self, exc: Exception | None) -> None:
            node.lost.release()
            super().connection_lost(exc)

        def begin_auth(self, username: str) -> Any:
            node.auth_attempts.append(username)
            return super().begin_auth(username)

    return Watched


async def echo(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Answer with the command and what it was given."""
    given = await process.stdin.read()
    process.stdout.write((process.command or "").encode() + b"\n" + given)
    process.exit(0)


@pytest.fixture(scope="session")
def key() -> EphemeralKey:
    return EphemeralKey.generate()


@pytest.fixture
def servers(key: EphemeralKey) -> Iterator[Servers]:
    started = Servers(key)
    yield started
    started.close()


@pytest.fixture
def spec() -> Callable[..., VisitSpec]:
    """Limits that a busy machine keeps, with those under test made short."""

    def make(**short: Any) -> VisitSpec:
        wide = dict.fromkeys(("connect_timeout", "banner_timeout", "auth_timeout", "command_timeout"), 30)
        return VisitSpec(**{**wide, "start_up_attempts": 1, "retry_seconds": 0, **short})

    return make


@pytest.fixture
def limits(spec: Callable[..., VisitSpec]) -> Callable[..., Limits]:
    """The same as plain values."""
    return lambda **short: Limits.of(spec(**short))


@pytest.fixture
def visited(key: EphemeralKey, limits: Callable[..., Limits]) -> Callable[..., Answer]:
    """A visit with the run's key; the limits under test by name."""

    def go(host: Host, script: str = "true", **short: Any) -> Answer:
        return visit(host, key, script, limits(**short))

    return go


@pytest.fixture
def ssh_keygen() -> str:
    """Where OpenSSH's ssh-keygen is."""
    found = shutil.which("ssh-keygen")
    if not found:
        pytest.skip("OpenSSH's ssh-keygen is not installed")
    return found


@pytest.fixture
def refusing_port() -> Iterator[socket.socket]:
    """A socket whose port is taken and not listened on: connections are refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held


@pytest.fixture
def vanishing_port() -> Iterator[int]:
    """A port whose queue is full, so that further connections are neither taken nor refused."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.2)
            try:
                waiting.connect(full.getsockname())
            except TimeoutError:
                yield full.getsockname()[1]
                return
        pytest.skip("this system takes connections into a full queue")
