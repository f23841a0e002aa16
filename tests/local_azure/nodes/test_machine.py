"""A machine from its first boot to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import asyncssh
import pytest

from local_azure.clock import Clock
from local_azure.machines import MachineSpec, MachineUser
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]

_DATE = "%a %b %d %H:%M:%S UTC %Y"

pytestmark = pytest.mark.anyio


async def test_a_reboot_keeps_disk_users_port_and_host_key(machine: Machine, log_in: LogIn) -> None:
    """Only connections end."""
    host_key, port = (machine.root / "etc/ssh/ssh_host_ed25519_key").read_bytes(), machine.port
    async with log_in(machine, admin=True) as connection:
        await connection.run("echo x > kept")
        await machine.reboot()
        await connection.wait_closed()
    assert (machine.root / "etc/ssh/ssh_host_ed25519_key").read_bytes() == host_key
    assert machine.port == port
    async with log_in(machine, admin=True) as connection:
        assert (await connection.run("cat kept; sudo -n id -u")).stdout == "x\n0\n"


async def test_a_machine_is_found_again_by_another_process(
    make_machine: Callable[..., Awaitable[Machine]], machines: Machines
) -> None:
    """Its disk and host key are; its users are brought again."""
    first = await make_machine()
    host_key = (first.root / "etc/ssh/ssh_host_ed25519_key").read_bytes()
    await first.close(wipe=False)
    again = await make_machine()
    assert again is not first
    assert (again.root / "etc/ssh/ssh_host_ed25519_key").read_bytes() == host_key
    again.put_user(MachineUser("eve", admin=False))
    assert "eve" in (again.root / "etc/passwd").read_text()


async def test_a_taken_port_is_stepped_around(make_machine: Callable[..., Awaitable[Machine]]) -> None:
    """Where somebody else has the port meanwhile, the machine takes another."""
    first, second = await make_machine(key="acc/pool/1"), await make_machine(key="acc/pool/2")
    await second.ssh.stop()
    (second.disk.folder / "port").write_text(f"{first.port}\n")
    await second.ssh.start()
    assert second.port not in {0, first.port}


async def test_a_wiped_machine_leaves_nothing(machine: Machine, log_in: LogIn) -> None:
    """Neither its disk nor what plain users saw of it."""
    async with log_in(machine) as connection:
        await connection.run("ls /var /root")
    await machine.close(wipe=True)
    assert not machine.disk.folder.exists()


async def test_machines_are_apart(make_machine: Callable[..., Awaitable[Machine]]) -> None:
    """Each has its own folder, host key and port, whatever its key holds."""
    keys = ("acc/pool/a", "acc/pool/b", "acc/other/a", "acc/../a b")
    made = [await make_machine(key=key) for key in keys]
    assert len({machine.port for machine in made}) == len(keys)
    assert len({(machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text() for machine in made}) == len(keys)
    top = made[0].disk.folder.parents[2]
    assert all(machine.disk.folder.is_relative_to(top) for machine in made[:3])


async def test_files_are_those_below_the_batch_root(machine: Machine) -> None:
    """With slashes, sizes and the node's times; folders too."""
    machine.disk.mkdir("/mnt/batch/tasks/workitems/job-1")
    machine.disk.write("/mnt/batch/tasks/workitems/job-1/out.txt", "four")
    listed = {file.name: file for file in machine.files()}
    assert {"startup", "startup/wd", "shared", "workitems/job-1"} <= {n for n, f in listed.items() if f.is_directory}
    out = listed["workitems/job-1/out.txt"]
    assert (out.is_directory, out.size) == (False, 4)
    assert abs(out.modified - machine.now()) < timedelta(seconds=60)
    assert machine.read_file("workitems/job-1/out.txt") == b"four"


@pytest.mark.parametrize("name", ["none", "startup", "../../../etc/passwd", "/etc/passwd", "link"])
async def test_only_files_below_the_batch_root_can_be_read(machine: Machine, name: str) -> None:
    """No name and no link leads out of it."""
    machine.disk.link("/mnt/batch/tasks/link", "/etc/passwd")
    with pytest.raises(FileNotFoundError):
        machine.read_file(name)


async def test_the_node_s_time_is_the_clock_s_and_its_own_skew(machine: Machine, clock: Clock, log_in: LogIn) -> None:
    """`date` tells it, in whatever form it is asked, and what the agent writes has it."""
    await clock.advance(timedelta(days=400))
    machine.skew = timedelta(minutes=-7)
    async with log_in(machine) as connection:
        for command, form in [("date -u +%FT%TZ", "%Y-%m-%dT%H:%M:%SZ"), ("date -u", _DATE)]:
            text = str((await connection.run(f"LC_ALL=C {command}")).stdout).strip()
            told = datetime.strptime(text, form).replace(tzinfo=UTC)
            assert abs(told - (clock.now() - timedelta(minutes=7))) < timedelta(seconds=60)
        machine.disk.write("/var/log/azure/new", "")
        listed = str((await connection.run("LC_ALL=C stat -c %Y /var/log/azure/new")).stdout)
        assert abs(int(listed) - machine.now().timestamp()) < 60
        assert (await connection.run("date -u -d @0 +%s")).stdout == "0\n"


async def test_the_hostname_is_the_node_s(machine: Machine, log_in: LogIn) -> None:
    """As long as a pool node's, and the same after a reboot."""
    async with log_in(machine) as connection:
        name = str((await connection.run("hostname")).stdout).strip()
        assert name == (machine.root / "etc/hostname").read_text().strip() != ""
        assert len(name) == 38


async def test_a_machine_of_an_installed_package_has_programs_that_run(machine: Machine) -> None:
    """The shims are copied and made executable, since an installed package's files need not be."""
    shims = machine.root / "usr/local/sbin"
    assert shims.is_symlink()
    assert all(shim.stat().st_mode & 0o111 for shim in shims.iterdir())


async def test_specs_of_the_same_key_lead_to_the_same_disk(machines: Machines) -> None:
    """A machine is its key."""
    one, two = (machines.create(MachineSpec(key="a/b/c", region=region)) for region in ("westus2", "eastus"))
    assert one.disk.folder == two.disk.folder
