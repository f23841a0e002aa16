"""Machines with troubles, on real SSH and TLS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import asyncssh
import pytest
from cryptography import x509

from local_azure.clock import Clock
from local_azure.machines import StartTask, TaskEnd
from local_azure.nodes.machine import Machine
from local_azure.nodes.troubles import NONE, Troubles
from local_azure.wire.faults import Effect

pytestmark = pytest.mark.anyio

Make = Callable[..., Awaitable[Machine]]
LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]
FOLDER = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0"


@pytest.fixture
def web(small_azure: Any, issue: Callable[[str], Any]) -> Callable[[str], Any]:
    """Gives the secret `web` a new version and returns what was issued."""

    def put(version: str) -> Any:
        issued = issue("web")
        small_azure.put("web", version, issued.pem)
        return issued

    return put


@pytest.fixture
async def holding(make_machine: Make, extension: Callable[..., dict[str, Any]], web: Callable[[str], Any]) -> Machine:
    """A machine whose extension holds the first version."""
    web("v1")
    machine = await make_machine(extension())
    await machine.install_extensions()
    assert told(machine) == "success"
    return machine


def told(machine: Machine) -> str:
    """The state that the guest agent tells of the extension."""
    return machine.extension_statuses()[0].state


def leaf(machine: Machine) -> x509.Certificate:
    """The leaf to which the extension's link leads."""
    link = machine.disk.host("/var/lib/waagent/Microsoft.Azure.KeyVault.Store/kv-one.web")
    return x509.load_pem_x509_certificate(link.read_bytes())


def status_text(machine: Machine) -> str:
    return machine.disk.host(f"{FOLDER}/status/1.status").read_text()


def test_effects_add_up_and_the_oldest_counts() -> None:
    """Effects about different things stand side by side; of two about the same thing the first does."""
    effects = [
        Effect("ssh-refused"),
        Effect("clock-skewed", seconds=-90),
        Effect("clock-skewed", seconds=5),
        Effect("lying", kind="old"),
    ]
    assert Troubles.of(effects) == Troubles(ssh_refused=True, skew=timedelta(seconds=-90), lie="old")
    assert Troubles.of([]) == NONE


async def test_a_machine_that_refuses_ssh(machine: Machine, log_in: LogIn) -> None:
    """Its port stays its own, also over a reboot; afterwards it lets people in there again."""
    port = machine.port
    await machine.suffer(Troubles(ssh_refused=True))
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(machine.address, machine.port)
        await machine.reboot()
    assert machine.port == port
    await machine.suffer(NONE)
    assert machine.port == port
    async with log_in(machine) as connection:
        assert (await connection.run("echo hello")).stdout == "hello\n"


async def test_a_slow_greeting(machine: Machine, log_in: LogIn) -> None:
    """The connection is there at once and silent; then everything works. Who waits at the end is turned away."""
    await machine.suffer(Troubles(ssh_greeting=timedelta(seconds=0.3)))
    began = time.monotonic()
    async with log_in(machine) as connection:
        assert time.monotonic() - began >= 0.3
        assert (await connection.run("echo hello")).stdout == "hello\n"
        reader, writer = await asyncio.open_connection(machine.address, machine.port)
        await machine.suffer(NONE)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_dropped_connection(machine: Machine, log_in: LogIn) -> None:
    """The session breaks within its output."""
    await machine.suffer(Troubles(ssh_drop_after=5))
    async with log_in(machine) as connection:
        done = await connection.run("echo 0123456789")
    assert done.exit_status is None
    assert "0123456789".startswith(str(done.stdout))


async def test_a_foreign_host_key(machine: Machine) -> None:
    """SSH shows a key that the disk does not have, and afterwards the disk's again."""

    async def shown() -> str:
        key = await asyncssh.get_server_host_key(machine.address, machine.port)
        assert key is not None
        return key.export_public_key().decode().split()[1]

    own = machine.disk.host("/etc/ssh/ssh_host_ed25519_key.pub").read_text().split()[1]
    assert await shown() == own
    await machine.suffer(Troubles(ssh_foreign_key=True))
    assert await shown() != own
    await machine.suffer(NONE)
    assert await shown() == own


async def test_a_skewed_clock(machine: Machine, log_in: LogIn, clock: Clock) -> None:
    """`date` on the node is off by as much, open connections stay."""
    async with log_in(machine) as connection:
        await machine.suffer(Troubles(skew=timedelta(days=-3)))
        seconds = int(str((await connection.run("date +%s")).stdout))
    assert abs(clock.now().timestamp() - seconds - 3 * 86_400) < 30


async def test_a_machine_that_does_not_come_up(make_machine: Make) -> None:
    """It raises with the reason; once healed it starts from the same disk."""
    machine = await make_machine()
    await machine.suffer(Troubles(unusable="disk on fire"))
    with pytest.raises(OSError, match="disk on fire"):
        await machine.reboot()
    await machine.suffer(NONE)
    await machine.boot()
    await asyncio.open_connection(machine.address, machine.port)


async def test_a_start_task_that_fails(machine: Machine) -> None:
    """It runs, and its exit code is 1 whatever it did; one that fails by itself keeps its own code."""
    await machine.suffer(Troubles(start_task_fails=True))
    assert await machine.run_start_task(StartTask("/bin/sh -c 'echo done'", elevated=True)) == TaskEnd(1)
    assert machine.read_file("startup/stdout.txt") == b"done\n"
    assert await machine.run_start_task(StartTask("/bin/sh -c 'exit 7'", elevated=True)) == TaskEnd(7)


@pytest.mark.parametrize(
    ("kind", "state", "message"),
    [
        ("not-an-object", "error", "Failed to parse the configuration settings with: 'not an object'"),
        ("no-auth-config", "error", "Attempt to get non-existent AuthConfig"),
        ("identity-not-found", "transitioning", "Identity not found"),
        ("no-hostname", "transitioning", "URI must contain a hostname."),
        ("download-failing", "transitioning", "Failed to download one or more certificates, retrying..."),
    ],
)
async def test_each_known_error_of_the_extension(holding: Machine, kind: str, state: str, message: str) -> None:
    """A running extension fails in the words that people know, and recovers; its settings on the disk stay."""
    settings = holding.disk.host(f"{FOLDER}/config/1.settings").read_text()
    await holding.suffer(Troubles(misreading=kind))
    assert told(holding) == state
    assert message in holding.extension_statuses()[0].message
    assert holding.disk.host(f"{FOLDER}/config/1.settings").read_text() == settings
    await holding.suffer(NONE)
    assert told(holding) == "success"


async def test_settings_that_are_wrong_already_stay_wrong(
    make_machine: Make, extension: Callable[..., dict[str, Any]]
) -> None:
    """There is nothing to misread in them."""
    machine = await make_machine(extension(settings="text"))
    await machine.suffer(Troubles(misreading="no-hostname"))
    await machine.install_extensions()
    assert "'not an object'" in machine.extension_statuses()[0].message


async def test_a_half_written_status(holding: Machine) -> None:
    """The file breaks off, while the guest agent goes by what it read before; afterwards it is whole."""
    await holding.suffer(Troubles(half_status=True))
    assert status_text(holding).startswith('[{"status":')
    assert not status_text(holding).endswith("]")
    assert told(holding) == "success"
    await holding.suffer(NONE)
    assert status_text(holding).endswith("]")


async def test_a_store_that_stays_old(holding: Machine, web: Callable[[str], Any], clock: Clock) -> None:
    """It tells success and keeps its leaf over a rotation; healed, it takes the new one."""
    await holding.suffer(Troubles(lie="old"))
    first, second = leaf(holding), web("v2")
    await clock.advance(timedelta(hours=1))
    assert (told(holding), leaf(holding)) == ("success", first)
    await holding.suffer(NONE)
    assert leaf(holding) == second.chain[0]


async def test_a_store_with_a_foreign_leaf(holding: Machine, clock: Clock) -> None:
    """It tells success and holds a leaf of the same name and dates that nobody issued; healed, it has its own."""
    honest = leaf(holding)
    await holding.suffer(Troubles(lie="foreign"))
    forged = leaf(holding)
    assert told(holding) == "success"
    assert forged != honest
    assert (forged.subject, forged.not_valid_after_utc) == (honest.subject, honest.not_valid_after_utc)
    await clock.advance(timedelta(hours=1))
    assert leaf(holding) == forged, "it is content with that"
    await holding.suffer(NONE)
    assert leaf(holding) == honest
