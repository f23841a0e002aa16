"""Nodes on loopback, and a small Azure for them: a real proxy, real TLS, one IMDS and one vault."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import asyncssh
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from local_azure.clock import Clock
from local_azure.machines import MachineSpec, MachineUser
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

VAULT = "kv-one.vault.azure.net"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
SECRET = f"https://{VAULT}/secrets/web"
KEY = "acc/pool/node-1"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Issued:
    """A chain with the leaf first, its key, and the secret's value in both forms."""

    chain: list[x509.Certificate]
    key: ec.EllipticCurvePrivateKey

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pem(self) -> str:
        """As Key Vault gives it: the key in front; the chain shuffled, since its order is not promised."""
        leaf, *others = self.chain
        return b"".join([self.key_pem, *(c.public_bytes(Encoding.PEM) for c in (*reversed(others), leaf))]).decode()

    @property
    def pkcs12(self) -> str:
        leaf, *others = self.chain
        return base64.b64encode(
            pkcs12.serialize_key_and_certificates(None, self.key, leaf, others, NoEncryption())
        ).decode()


def _issue(name: str) -> Issued:
    """A leaf called *name* under an intermediate under a root."""
    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = _certificate("root", "root", root_key, root_key)
    middle = _certificate("middle", "root", middle_key, root_key)
    return Issued([_certificate(name, "middle", leaf_key, middle_key), middle, root], leaf_key)


def _certificate(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(signer, hashes.SHA256())
    )


@dataclass
class SmallAzure:
    """What the proxy answers: tokens for *identities*, secrets by path, unless *refuses* says otherwise.

    *requests* lists (proxy user, method, host, path with query) of every request.
    """

    clock: Clock
    trust: ssl.SSLContext
    identities: set[str] = field(default_factory=lambda: {CLIENT_ID})
    secrets: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    refuses: tuple[int, str] | None = None
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None
    port: int = 0

    def put(self, name: str, version: str, value: str, content_type: str = "application/x-pem-file") -> None:
        """Give the secret a new current version."""
        for path in (f"/secrets/{name}", f"/secrets/{name}/{version}"):
            self.secrets[path] = (version, content_type, value)
        self.clock.touch()

    def paths(self) -> list[str]:
        """The paths asked for, without queries."""
        return [urlsplit(path).path for _, _, _, path in self.requests]

    def answer(self, host: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        query = parse_qs(urlsplit(path).query)
        if host == "169.254.169.254":
            return self._token(query, headers)
        if self.refuses:
            status, code = self.refuses
            return status, {"error": {"code": "Forbidden", "message": "no", "innererror": {"code": code}}}
        if headers.get("authorization") != "Bearer token for https://vault.azure.net" or query["api-version"] != [
            "7.4"
        ]:
            return 401, {"error": {"code": "Unauthorized"}}
        found = self.secrets.get(urlsplit(path).path)
        if not found:
            return 404, {"error": {"code": "SecretNotFound"}}
        version, content_type, value = found
        return 200, {"id": f"https://{host}/secrets/web/{version}", "contentType": content_type, "value": value}

    def _token(self, query: dict[str, list[str]], headers: dict[str, str]) -> tuple[int, Any]:
        if headers.get("metadata") != "true" or query["client_id"][0] not in self.identities:
            return 400, {"error": "invalid_request", "error_description": "Identity not found"}
        return 200, {"access_token": f"token for {query['resource'][0]}"}

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext) -> AsyncIterator[None]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionResetError):  # a client that does not trust the CA
                await self._serve(reader, writer, tls)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()  # from Python 3.12 on, to wait for it is to wait for every client as well

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: ssl.SSLContext) -> None:
        host, user = "", ""
        while line := (await reader.readline()).decode().split():
            method, target, _ = line
            headers = {}
            while header := (await reader.readline()).decode().strip():
                name, _, value = header.partition(": ")
                headers[name.lower()] = value
            if "proxy-authorization" in headers:
                user = base64.b64decode(headers["proxy-authorization"].split()[1]).decode().partition(":")[0]
            if method == "CONNECT":
                host = target.partition(":")[0]
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await writer.drain()
                await writer.start_tls(tls)
                continue
            parts = urlsplit(target)
            path = f"{parts.path}?{parts.query}"
            self.requests.append((user, method, host or str(parts.hostname), path))
            if self.before_answer:
                await self.before_answer()
            status, body = self.answer(host or str(parts.hostname), path, headers)
            text = json.dumps(body).encode()
            head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
            writer.write(head.encode() + text)
            await writer.drain()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def small_azure(clock: Clock) -> AsyncIterator[SmallAzure]:
    authority = trustme.CA()
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(VAULT).configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    small_azure = SmallAzure(clock, trusting)
    async with small_azure.serving(serving):
        yield small_azure


@pytest.fixture
async def machines(small_azure: SmallAzure, clock: Clock, tmp_path: Path) -> AsyncIterator[Machines]:
    def proxy(spec: MachineSpec) -> str:
        return f"http://{quote(spec.key, safe='')}:x@127.0.0.1:{small_azure.port}"

    machines = Machines(tmp_path / "nodes", clock=clock, tls=small_azure.trust, proxy=proxy)
    yield machines
    await machines.close()


@pytest.fixture
def make_machine(machines: Machines) -> Callable[..., Awaitable[Machine]]:
    """Boots a machine with the given extensions."""

    async def make(*extensions: dict[str, Any], key: str = KEY) -> Machine:
        machine = machines.create(MachineSpec(key=key, region="westus2", extensions=extensions))
        await machine.boot()
        return machine

    return make


@pytest.fixture
async def machine(make_machine: Callable[..., Awaitable[Machine]]) -> Machine:
    return await make_machine()


@pytest.fixture
def extension() -> Callable[..., dict[str, Any]]:
    """Makes a KeyVaultForLinux extension; keywords change its `secretsManagementSettings`, *settings* all of them."""
    return _extension


@pytest.fixture
def log_in() -> Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]:
    """Opens a connection to a machine as a new user of it, an administrator or not, by key."""
    return _log_in


@pytest.fixture
def issue() -> Callable[[str], Issued]:
    """Issues a certificate of that name under an intermediate under a root."""
    return _issue


def _extension(version: str = "3.0", *, settings: Any = None, **secrets: Any) -> dict[str, Any]:
    management = {
        "pollingIntervalInS": "300",
        "requireInitialSync": True,
        "observedCertificates": [{"url": SECRET}] if version == "3.0" else [SECRET],
        **secrets,
    }
    authentication = {"msiEndpoint": "http://169.254.169.254/metadata/identity", "msiClientId": CLIENT_ID}
    full = {"secretsManagementSettings": management, "authenticationSettings": authentication}
    return {
        "name": "KVExtensions",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": version,
        "autoUpgradeMinorVersion": True,
        "settings": full if settings is None else settings,
    }


@asynccontextmanager
async def _log_in(machine: Machine, *, admin: bool = False) -> AsyncIterator[asyncssh.SSHClientConnection]:
    user, key = "admin" if admin else "plain", asyncssh.generate_private_key("ssh-ed25519")
    machine.put_user(MachineUser(user, admin, public_key=key.export_public_key().decode()))
    async with asyncssh.connect(
        machine.address, machine.port, username=user, client_keys=[key], known_hosts=None, agent_path=None, config=None
    ) as connection:
        yield connection
