"""Who gets in, with which host key, and how connections end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncssh
import pytest

from local_azure.machines import MachineUser
from local_azure.nodes.machine import Machine

LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]

pytestmark = pytest.mark.anyio


async def _try(machine: Machine, **how: object) -> asyncssh.SSHClientConnection:
    options = {"known_hosts": None, "client_keys": None, "agent_path": None, "config": None, **how}
    return await asyncssh.connect(machine.address, machine.port, **options)


def _pinned(machine: Machine) -> asyncssh.SSHKnownHosts:
    line = (machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
    return asyncssh.import_known_hosts(f"[{machine.address}]:{machine.port} {line}")


async def test_the_host_key_on_the_disk_is_the_one_that_is_shown(machine: Machine, log_in: LogIn) -> None:
    """Who pins the key from the node's file gets in."""
    machine.put_user(MachineUser("eve", admin=False, password="right"))
    async with await _try(machine, username="eve", password="right", known_hosts=_pinned(machine)) as connection:
        assert (await connection.run("whoami")).stdout == "eve\n"


async def test_a_replaced_host_key_is_refused_by_who_pinned_the_old_one(machine: Machine) -> None:
    """A node that was reimaged, or is another one, is noticed; it answers at the same port."""
    machine.put_user(MachineUser("eve", admin=False, password="right"))
    pinned, port = _pinned(machine), machine.port
    await machine.ssh.replace_host_key()
    assert machine.port == port
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await _try(machine, username="eve", password="right", known_hosts=pinned)
    async with await _try(machine, username="eve", password="right", known_hosts=_pinned(machine)):
        pass


@pytest.mark.parametrize(
    "how",
    [
        {"username": "eve", "password": "wrong"},
        {"username": "eve", "password": ""},
        {"username": "keyed", "password": ""},
        {"username": "nobody-known", "password": "right"},
        {"username": "root", "password": ""},
    ],
)
async def test_a_wrong_password_or_user_is_refused(machine: Machine, how: dict[str, str]) -> None:
    """An account without a password has none that fits."""
    machine.put_user(MachineUser("eve", admin=False, password="right"))
    machine.put_user(MachineUser("keyed", admin=False))
    with pytest.raises(asyncssh.PermissionDenied):
        await _try(machine, **how)


async def test_a_strange_key_is_refused(machine: Machine, log_in: LogIn) -> None:
    """Only the account's own key opens it, and what is no key opens nothing."""
    strange = asyncssh.generate_private_key("ssh-ed25519")
    async with log_in(machine):
        pass
    machine.put_user(MachineUser("garbled", admin=False, public_key="ssh-ed25519 nonsense"))
    for user in ("plain", "garbled"):
        with pytest.raises(asyncssh.PermissionDenied):
            await _try(machine, username=user, client_keys=[strange])


async def test_a_replaced_user_needs_the_new_key(machine: Machine, log_in: LogIn) -> None:
    """Putting a user again replaces its key, and its rights."""
    async with log_in(machine, admin=True) as connection:
        assert (await connection.run("sudo -n id -u")).stdout == "0\n"
        machine.put_user(MachineUser("admin", admin=False, password="now by password"))
        assert (await connection.run("sudo -n id -u")).exit_status == 1
    async with await _try(machine, username="admin", password="now by password"):
        pass


async def test_removing_a_user_ends_its_sessions(machine: Machine, log_in: LogIn) -> None:
    """Another user's go on; the removed one does not get in again, and its home is gone."""
    async with log_in(machine, admin=True) as stays:
        async with log_in(machine) as connection, connection.create_process("sleep 60") as process:
            machine.remove_user("plain")
            await asyncio.wait_for(connection.wait_closed(), 10)
            assert process.returncode is None
        assert (await stays.run("ls /home")).stdout == "admin\n"
        machine.remove_user("plain")
    with pytest.raises(asyncssh.PermissionDenied):
        await _try(machine, username="plain", password="any")


@pytest.mark.parametrize("name", ["", "a/b", "..", "root", "-x", "a b", "a\n"])
async def test_a_name_that_no_account_can_have_is_refused(machine: Machine, name: str) -> None:
    """No name leads outside the folder of homes."""
    with pytest.raises(ValueError, match="no account"):
        machine.put_user(MachineUser(name, admin=False))


async def test_file_transfer_and_forwarding_are_refused(machine: Machine, log_in: LogIn) -> None:
    """Commands and shells are all there is."""
    async with log_in(machine) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", machine.port)


async def test_a_stopped_server_refuses_and_comes_back_at_its_port(machine: Machine, log_in: LogIn) -> None:
    """SSH can be off while the node runs."""
    port = machine.port
    async with log_in(machine) as connection:
        await machine.ssh.stop()
        await asyncio.wait_for(connection.wait_closed(), 10)
    with pytest.raises(ConnectionRefusedError):
        await _try(machine, username="plain")
    await machine.ssh.start()
    assert machine.port == port
    async with log_in(machine):
        pass


async def test_a_connection_can_be_made_to_break_in_mid_command(machine: Machine, log_in: LogIn) -> None:
    """The client gets so many bytes and then loses the connection; the next session has its own measure."""
    machine.ssh.drop_after_bytes = 10
    async with log_in(machine) as connection, connection.create_process("echo 0123456789ABC; sleep 60") as process:
        assert await asyncio.wait_for(process.stdout.read(), 10) == "0123456789"
        await asyncio.wait_for(connection.wait_closed(), 10)
    machine.ssh.drop_after_bytes = None
    async with log_in(machine) as connection:
        assert (await connection.run("echo 0123456789ABC")).stdout == "0123456789ABC\n"


async def test_many_sessions_side_by_side_do_not_mix(machine: Machine, log_in: LogIn) -> None:
    """Each session gets its own answer."""
    async with log_in(machine, admin=True) as connection:
        results = await asyncio.gather(
            *(connection.run("sudo -n sh -s", input=f"echo {n} /var/{n}") for n in range(20))
        )
    assert [result.stdout for result in results] == [f"{n} /var/{n}\n" for n in range(20)]
