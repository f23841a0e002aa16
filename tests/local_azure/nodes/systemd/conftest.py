"""A node, and root on it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from local_azure.machines import MachineTask, TaskUser
from local_azure.nodes.machine import Machine

_FOLDER = "workitems/job/job-1/task"


def lives(pid: int) -> bool:
    """Whether a process of the host runs; what has ended and waits for its parent does not."""
    shown = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.startswith("Z")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int | None
    out: str
    err: str


@dataclass(frozen=True)
class Root:
    """Runs commands as root of a node, as an elevated task of Batch does."""

    machine: Machine

    async def __call__(self, script: str, *, elevated: bool = True) -> Said:
        """Run a script; it is on the standard input of the node's shell, as in a visit."""
        task = MachineTask(
            "/bin/sh -c 'printf %s \"$SCRIPT\" | /bin/sh -s'", _FOLDER, TaskUser(admin=elevated), {"SCRIPT": script}
        )
        end = await self.machine.run_task(task)
        read = self.machine.read_file
        return Said(end.exit_code, read(f"{_FOLDER}/stdout.txt").decode(), read(f"{_FOLDER}/stderr.txt").decode())

    async def unit(self, name: str, *lines: str) -> None:
        """Put a unit file onto the node: a line with brackets begins a section."""
        said = await self(f"cat >/etc/systemd/system/{name} <<'END'\n" + "\n".join(lines) + "\nEND")
        assert said == Said(0, "", "")

    async def service(self, name: str, *lines: str) -> None:
        """Put a service onto the node, enabled for the boot at will."""
        await self.unit(f"{name}.service", "[Service]", *lines, "[Install]", "WantedBy=multi-user.target")

    async def read(self, path: str) -> str:
        """What a file of the node holds, as root's `cat` prints it; "" where there is none."""
        return (await self(f"cat {path} 2>/dev/null")).out

    def lives(self, pid: str) -> bool:
        """Whether a process runs."""
        return lives(int(pid))

    async def until(self, command: str, output: str) -> None:
        """Wait until a command says this."""
        said = Said(None, "", "")
        try:
            async with asyncio.timeout(20):
                while (said := await self(command)).out != output:  # noqa: ASYNC110 - a node tells nobody what changes
                    await asyncio.sleep(0.01)
        except TimeoutError:
            units = await self("systemctl show; tail /var/log/syslog; ps axo pid,ppid,pgid,stat,args | tail -30")
            pytest.fail(f"{command!r} goes on to say {said}; the node: {units.out}")


@pytest.fixture
async def machine(make_machine: Callable[..., Awaitable[Machine]]) -> Machine:
    """A machine without extensions."""
    return await make_machine()


@pytest.fixture
def root(machine: Machine) -> Root:
    return Root(machine)


@pytest.fixture
def make_root() -> Callable[[Machine], Root]:
    """Root on a machine of the test's own."""
    return Root
