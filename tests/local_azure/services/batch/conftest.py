"""A Batch service on machines kept in memory, asked through the router as the proxy would ask it."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_azure.clock import Clock
from local_azure.machines import (
    ExtensionStatus,
    MachineFile,
    MachineSpec,
    MachineTask,
    MachineUser,
    StartTask,
    TaskEnd,
)
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.batch.jobs.running import launcher
from local_azure.services.batch.routes import ALL
from local_azure.services.batch.service import Batch, BatchState
from local_azure.services.msi.identities import Identities
from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from local_azure.wire.messages import Caller, Reply, Request
from local_azure.wire.router import Router
from local_azure.wire.tokens import Tokens

from .sdk import Clients, connected

SETTINGS = Settings(node_seconds=10)
ARM = "management.azure.com"
ACCOUNT_PATH = (
    f"/subscriptions/{SETTINGS.subscription}/resourceGroups/{SETTINGS.resource_group}"
    f"/providers/Microsoft.Batch/batchAccounts/{SETTINGS.batch_account}"
)
DATA = f"{SETTINGS.batch_account}.{SETTINGS.region}.batch.azure.com"
OPERATOR = Caller(SETTINGS.object_id, SETTINGS.client_id, SETTINGS.tenant)


@functools.cache
def _tokens() -> Tokens:
    """One signing key for all worlds: making one takes longer than most tests."""
    return Tokens()


@dataclass
class MemoryMachine:
    """A machine that is nothing but what it was told.

    Of a task's command line it knows "exit N", "missing" (no such program) and "wait" (until `go`, or for ever).
    """

    spec: MachineSpec
    says: dict[str, str]
    exit_codes: list[int]
    port: int
    users: dict[str, MachineUser] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    start_tasks: list[StartTask] = field(default_factory=list)
    tasks: list[MachineTask] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    address: str = "127.0.0.1"
    start_lag: timedelta = timedelta(0)

    async def boot(self) -> None:
        await asyncio.sleep(0)
        if self.says.get("boot"):
            raise OSError(self.says["boot"])
        self.calls.append("boot")

    async def install_extensions(self) -> None:
        await asyncio.sleep(0)
        self.calls.append("install")

    def extension_statuses(self) -> Sequence[ExtensionStatus]:
        state, message = self.says.get("state", "success"), self.says.get("message", "Successfully started.")
        return [ExtensionStatus(extension["name"], state, message, "3.0.1") for extension in self.spec.extensions]

    async def run_start_task(self, task: StartTask) -> TaskEnd:
        await asyncio.sleep(0)
        self.start_tasks.append(task)
        self.calls.append(f"start task {task.command_line} elevated={task.elevated}")
        self.content["startup/stdout.txt"] = b"started\n"
        if task.command_line.startswith("missing"):
            return TaskEnd(None, "not-found", "No such file or directory")
        return TaskEnd(self.exit_codes.pop(0) if self.exit_codes else 0)

    async def run_task(self, task: MachineTask) -> TaskEnd:
        self.tasks.append(task)
        self.content[f"{task.folder}/stdout.txt"] = f"{task.command_line}\n".encode()
        word, _, number = task.command_line.partition(" ")
        try:
            await (self.go.wait() if word == "wait" else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.ended.append(task.folder)
            raise
        if word == "missing":
            return TaskEnd(None, "not-found", "No such file or directory")
        return TaskEnd(int(number or 0))

    def put_user(self, user: MachineUser) -> None:
        self.users[user.name] = user

    def remove_user(self, name: str) -> None:
        del self.users[name]

    def files(self) -> Sequence[MachineFile]:
        when = datetime(2026, 1, 2, tzinfo=UTC)
        files = [MachineFile(name, False, len(data), when, when) for name, data in self.content.items()]
        folders = {name.rpartition("/")[0] for name in self.content} | {"startup"}
        return [*(MachineFile(name, True, 0, when, when) for name in sorted(folders)), *files]

    def read_file(self, name: str) -> bytes:
        try:
            return self.content[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    def remove_files(self, name: str) -> None:
        self.content = {
            path: data for path, data in self.content.items() if path != name and not path.startswith(f"{name}/")
        }

    async def reboot(self) -> None:
        await asyncio.sleep(0)
        self.calls.append("reboot")

    async def close(self, *, wipe: bool) -> None:
        await asyncio.sleep(0)
        self.calls.append(f"close wipe={wipe}")


@dataclass
class MemoryMachines:
    """Makes machines; *says* and *exit_codes* are what each new one will say and how its start tasks end."""

    says: dict[str, str] = field(default_factory=dict)
    exit_codes: list[int] = field(default_factory=list)
    made: dict[str, MemoryMachine] = field(default_factory=dict)

    def create(self, spec: MachineSpec) -> MemoryMachine:
        machine = MemoryMachine(spec, self.says, list(self.exit_codes), 40000 + len(self.made))
        self.made[spec.key] = machine
        return machine

    def forget(self, key: str) -> None:
        del self.made[key]

    def only(self) -> MemoryMachine:
        """The one machine that there is."""
        (machine,) = self.made.values()
        return machine


class World:
    """A Batch service with what it stands on, and bodies of requests to change and send."""

    def body(self, *, nodes: int = 1, **changes: Any) -> dict[str, Any]:
        """A pool that Batch accepts; *changes* replace its top-level properties, None removes one."""
        properties: dict[str, Any] = {
            "vmSize": "standard_d2s_v5",
            "deploymentConfiguration": {"virtualMachineConfiguration": self.machine()},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
            "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [self.nat_pool()]}},
            "startTask": {"commandLine": "/bin/true", "userIdentity": {"autoUser": {"elevationLevel": "admin"}}},
            **changes,
        }
        return {"properties": {name: value for name, value in properties.items() if value is not None}}

    def machine(self, **changes: Any) -> dict[str, Any]:
        """The virtual machine configuration of `body`."""
        return {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
            "extensions": [self.extension()],
            **changes,
        }

    def extension(self, **changes: Any) -> dict[str, Any]:
        """The extension of `machine`."""
        return {
            "name": "KVExtensions",
            "publisher": "Microsoft.Azure.KeyVault",
            "type": "KeyVaultForLinux",
            "typeHandlerVersion": "3.0",
            "settings": {"secretsManagementSettings": {"pollingIntervalInS": "300"}},
            "protectedSettings": {"hidden": "protected-value"},
            **changes,
        }

    def nat_pool(self, **changes: Any) -> dict[str, Any]:
        """An inbound NAT pool for SSH that Batch accepts."""
        rule = {"priority": 150, "access": "Allow", "sourceAddressPrefix": "203.0.113.0/24"}
        return {
            "name": "ssh",
            "protocol": "TCP",
            "backendPort": 22,
            "frontendPortRangeStart": 20000,
            "frontendPortRangeEnd": 20999,
            "networkSecurityGroupRules": [rule],
            **changes,
        }

    def __init__(self, state: BatchState | None = None, machines: MemoryMachines | None = None) -> None:
        self.tokens = _tokens()
        self.clock = Clock()
        self.access = Access(SETTINGS, self.clock, self.tokens)
        self.groups = Groups(self.access)
        self.identities = Identities(self.groups)
        self.machines = machines or MemoryMachines()
        self.batch = Batch(self.access, self.groups, self.identities, self.clock, self.machines, state)
        self.router = Router()
        for routes in ALL:
            self.router.mount(routes, self.batch)

    def arm(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Ask Resource Manager; *path* that does not start at the subscriptions is below the account."""
        whole = path if path.startswith("/subscriptions") else ACCOUNT_PATH + path
        return self.ask(ARM, method, whole, body, audience="https://management.azure.com", **options)

    def data(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Ask the account's own host."""
        return self.ask(DATA, method, path, body, audience="https://batch.core.windows.net/", **options)

    def ask(
        self,
        host: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        audience: str,
        caller: Caller | None = OPERATOR,
        version: str = "2025-06-01",
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Reply:
        """One request as the proxy hands it on; query names with a leading underscore get a dollar sign."""
        sent = dict(headers or {})
        if caller:
            sent["authorization"] = f"Bearer {self.tokens.issue(caller, audience, 'https://issuer.test/')}"
        asked = {name.replace("_", "$", 1) if name.startswith("_") else name: value for name, value in query.items()}
        content = json.dumps(body).encode() if body is not None else b""
        request = Request(method, host, path, {"api-version": version, **asked}, sent, content)
        return self.router.answer(request)

    async def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        await self.clock.advance(timedelta(seconds=seconds))

    async def job(self, name: str = "job", **properties: Any) -> str:
        """A job on the pool called render; returns its path."""
        reply = self.data("POST", "/jobs", {"id": name, "poolInfo": {"poolId": "render"}, **properties})
        assert reply.status == 201, reply.body
        await self.pass_time(0)
        return f"/jobs/{name}"

    async def task(self, job: str, name: str, command: str = "exit 0", **properties: Any) -> str:
        """A task of a job that has had the time to begin; returns its path."""
        reply = self.data("POST", f"{job}/tasks", {"id": name, "commandLine": command, **properties})
        assert reply.status == 201, reply.body
        await self.pass_time(0)
        return f"{job}/tasks/{name}"

    async def let_go(self, node_path: str) -> None:
        """Let the tasks that wait on a node come to their end, and a second pass."""
        self.machine_of(node_path).go.set()
        live = [one.work for one in self.batch.work._launcher._live.values()]
        await asyncio.wait_for(asyncio.gather(*live, return_exceptions=True), 10)
        await self.pass_time(1)

    def show(self, path: str) -> dict[str, Any]:
        """What the data plane shows at *path*."""
        reply = self.data("GET", path)
        assert reply.status == 200, reply.body
        return dict(reply.body)

    def machine_of(self, node_path: str) -> MemoryMachine:
        """The machine of a node."""
        return next(
            m for key, m in self.machines.made.items() if key.rpartition("/")[2] == node_path.rpartition("/")[2]
        )

    def nodes(self, pool: str = "render", **query: str) -> list[dict[str, Any]]:
        """The pool's nodes as the data plane lists them."""
        reply = self.data("GET", f"/pools/{pool}/nodes", **query)
        assert reply.status == 200, reply.body
        return list(reply.body["value"])

    def properties(self, pool: str = "render") -> dict[str, Any]:
        """The pool's properties as Resource Manager shows them."""
        return dict(self.arm("GET", f"/pools/{pool}").body["properties"])

    async def pool(self, name: str = "render", *, seconds: float = 60, **changes: Any) -> str:
        """A pool that has had time to come up; returns the path of its first node, or ""."""
        reply = self.arm("PUT", f"/pools/{name}", self.body(**changes))
        assert reply.status == 200, reply.body
        await self.pass_time(seconds)
        nodes = self.nodes(name)
        return f"/pools/{name}/nodes/{nodes[0]['id']}" if nodes else ""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moved clock does not wait long for tasks that never end."""
    monkeypatch.setattr(launcher, "_PATIENCE", 0.02)


@pytest.fixture
def world() -> World:
    """A new Batch service; its clock moves only when told."""
    return World()


@pytest.fixture
def clients(azure: LocalAzure) -> Iterator[Clients]:
    """Microsoft's SDKs, signed in to the shared embedded Azure."""
    with connected(azure) as found:
        yield found


@pytest.fixture
def new_world() -> type[World]:
    """To make a second Batch service, as a restart does."""
    return World
