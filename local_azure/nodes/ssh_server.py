"""A node's SSH server: on loopback, with the node's own host key and users; commands and shells, no file transfer."""

from __future__ import annotations

import contextlib

import asyncssh

from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import Disk
from local_azure.nodes.host_keys import host_key, new_host_key
from local_azure.nodes.runner import Runner
from local_azure.nodes.shell import ENCODING, Session

ADDRESS = "127.0.0.1"


class NodeSSH:
    """The SSH server of one node.

    Attributes:
        port: where it listens, 0 before the first start; kept over restarts where the host lets us.
        drop_after_bytes: break each connection once a session has sent so many bytes; None never does.
    """

    def __init__(self, disk: Disk, accounts: Accounts, runner: Runner, hostname: str) -> None:
        self._disk = disk
        self._accounts = accounts
        self._runner = runner
        self._hostname = hostname
        self._listener: asyncssh.SSHAcceptor | None = None
        self._connections: dict[asyncssh.SSHServerConnection, str] = {}
        self._port_file = disk.folder / "port"
        self.port = 0
        self.drop_after_bytes: int | None = None

    async def start(self) -> None:
        """Listen with the host key on the disk; does nothing where it listens already."""
        if self._listener:
            return
        key = host_key(self._disk, self._hostname)
        with contextlib.suppress(OSError, ValueError):
            self.port = int(self._port_file.read_text())
        try:
            self._listener = await self._listen(self.port, key)
        except OSError:  # somebody else took the port meanwhile
            self._listener = await self._listen(0, key)
        self.port = self._listener.get_port()
        self._port_file.write_text(f"{self.port}\n")

    async def stop(self) -> None:
        """Refuse new connections and break those that are open."""
        if self._listener:
            self._listener.close()
            await self._listener.wait_closed()
            self._listener = None
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

    async def _listen(self, port: int, key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            ADDRESS,
            port,
            server_host_keys=[key],
            server_factory=lambda: _Guard(self._accounts, self._connections),
            process_factory=self._serve,
            encoding=ENCODING,
            login_timeout=30,
            reuse_address=True,
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
