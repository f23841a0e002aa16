"""A node's SSH server: on loopback, with the node's own host key and users; commands and shells, no file transfer."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import asyncssh

from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import Disk
from local_azure.nodes.doors import ADDRESS, ClosedDoor, Door, OpenDoor, SlowDoor, bound
from local_azure.nodes.host_keys import foreign_host_key, host_key, new_host_key
from local_azure.nodes.runner import Runner
from local_azure.nodes.shell import ENCODING, Session

__all__ = ["ADDRESS", "NodeSSH"]


class NodeSSH:
    """The SSH server of one node.

    Attributes:
        port: where it listens, 0 before the first start; kept over restarts where the host lets us.
        drop_after_bytes: break each connection once a session has sent so many bytes; None never does.
        refused, greeting, foreign_key: whether nothing listens, how long the server waits before it says anything, and
            whether it shows another key than the one on the disk; they count from the next start on.
    """

    def __init__(self, disk: Disk, accounts: Accounts, runner: Runner, hostname: str) -> None:
        self._disk = disk
        self._accounts = accounts
        self._runner = runner
        self._hostname = hostname
        self._door: Door | None = None
        self._connections: dict[asyncssh.SSHServerConnection, str] = {}
        self._port_file = disk.folder / "port"
        self.port = 0
        self.drop_after_bytes: int | None = None
        self.refused = False
        self.greeting = timedelta(0)
        self.foreign_key = False

    async def start(self) -> None:
        """Listen with the host key on the disk; does nothing where it listens already."""
        if self._door:
            return
        key = host_key(self._disk, self._hostname)
        with contextlib.suppress(OSError, ValueError):
            self.port = int(self._port_file.read_text())
        place = bound(self.port)
        self.port = int(place.getsockname()[1])
        self._port_file.write_text(f"{self.port}\n")
        options = self._options(foreign_host_key() if self.foreign_key else key)
        if self.refused:
            self._door = ClosedDoor(place)
        elif self.greeting:
            self._door = SlowDoor(place, options, self.greeting)
        else:
            self._door = await OpenDoor.at(place, options)

    async def stop(self) -> None:
        """Refuse new connections and break those that are open."""
        if self._door:
            door, self._door = self._door, None
            await door.close()
        for connection in list(self._connections):
            connection.abort()

    async def replace_host_key(self) -> None:
        """Go on with another host key, as after a reimage; open connections break."""
        await self.stop()
        new_host_key(self._disk, self._hostname)
        await self.start()

    def end_sessions(self, user: str) -> None:
        """Break the connections of one user."""
        for connection in [found for found, name in self._connections.items() if name == user]:
            connection.abort()

    def _options(self, key: asyncssh.SSHKey) -> asyncssh.SSHServerConnectionOptions:
        return asyncssh.SSHServerConnectionOptions(
            server_host_keys=[key],
            server_factory=lambda: _Guard(self._accounts, self._connections),
            process_factory=self._serve,
            encoding=ENCODING,
            login_timeout=30,
        )

    async def _serve(self, process: asyncssh.SSHServerProcess[str]) -> None:
        session = Session(process, disk=self._disk, runner=self._runner, may_send=self._budget())
        await session.run()

    def _budget(self) -> _Budget:
        return _Budget(self.drop_after_bytes)


class _Budget:
    """How many bytes a session may still send."""

    def __init__(self, size: int | None) -> None:
        self._left = size

    def __call__(self, wanted: int) -> int:
        if self._left is None:
            return wanted
        allowed = min(wanted, self._left)
        self._left -= allowed
        return allowed


class _Guard(asyncssh.SSHServer):
    """Lets the node's users in, and notes whose connection is whose."""

    def __init__(self, accounts: Accounts, connections: dict[asyncssh.SSHServerConnection, str]) -> None:
        self._accounts = accounts
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections[conn] = ""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        if self._connection:
            self._connections.pop(self._connection, None)

    def begin_auth(self, username: str) -> bool:
        if self._connection:
            self._connections[self._connection] = username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._accounts.knows_key(username, key)

    def password_auth_supported(self) -> bool:
        return self._connection is not None and self._accounts.has_password(self._connections[self._connection])

    def validate_password(self, username: str, password: str) -> bool:
        return self._accounts.knows_password(username, password)
