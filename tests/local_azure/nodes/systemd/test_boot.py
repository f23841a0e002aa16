"""What starts with a node, and what does not outlive it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from local_azure.clock import Clock
from local_azure.machines import MachineSpec, StartTask
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

pytestmark = pytest.mark.anyio


async def test_enabled_units_start_with_the_node(machine: Machine, root: Any) -> None:
    """Before the start task, in a /run that is empty; what is not enabled does not start."""
    await root.service("web", "ExecStart=/bin/sh -c 'echo $$$$ >/run/web; exec sleep 600'")
    await root.service("once", "Type=oneshot", "ExecStart=/bin/sh -c 'echo booted >>/var/tmp/boots'")
    await root.service("off", "ExecStart=/bin/sleep 600")
    await root("systemctl enable --now web once; systemctl start off; touch /run/old")
    await root.until("cat /run/web | wc -w", "1\n")
    before = await root.read("/run/web")
    await machine.reboot()
    assert not root.lives(before)
    task = StartTask("/bin/sh -c 'systemctl is-active web off; cat /var/tmp/boots; ls -A /run'", elevated=True)
    await machine.run_start_task(task)
    lines = machine.read_file("startup/stdout.txt").decode().splitlines()
    assert lines[:4] == ["active", "inactive", "booted", "booted"]
    assert "old" not in lines
    await root.until("cat /run/web | wc -w", "1\n")
    assert await root.read("/run/web") != before


async def test_a_path_unit_watches_again_after_a_reboot(machine: Machine, root: Any, clock: Clock) -> None:
    """From then on: what changed while the node was down is no change."""
    await root("mkdir /opt/d")
    await root.service("hook", "Type=oneshot", "ExecStart=/bin/sh -c 'echo ran >>/var/tmp/ran'")
    await root.unit("hook.path", "[Path]", "PathChanged=/opt/d", "[Install]", "WantedBy=multi-user.target")
    await root("systemctl enable --now hook.path")
    await machine.close(wipe=False)
    machine.disk.write("/opt/d/x", "")
    await machine.boot()
    await clock.advance(timedelta(0))
    assert await root.read("/var/tmp/ran") == ""
    await root("touch /opt/d/y")
    await clock.advance(timedelta(0))
    assert await root.read("/var/tmp/ran") == "ran\n"


async def test_a_unit_that_cannot_start_does_not_keep_the_node_from_booting(machine: Machine, root: Any) -> None:
    """Nor does one that is no good, or is gone."""
    await root.service("fails", "Type=oneshot", "ExecStart=/bin/false")
    await root.service("odd", "Type=dbus", "ExecStart=/bin/true")
    await root.service("gone", "ExecStart=/bin/true")
    await root("systemctl enable fails odd gone; rm /etc/systemd/system/gone.service")
    await machine.reboot()
    assert (await root("systemctl is-active fails odd gone")).out == "failed\ninactive\ninactive\n"


async def test_a_new_disk_has_no_units(machines: Machines, machine: Machine, root: Any) -> None:
    """A reimage is the same node with another disk; what ran before runs no more."""
    await root.service("web", "ExecStart=/bin/sh -c 'echo $$$$ >/run/web; exec sleep 600'")
    await root("systemctl enable --now web")
    await root.until("cat /run/web | wc -w", "1\n")
    pid = await root.read("/run/web")
    await machine.close(wipe=True)
    assert not root.lives(pid)
    again = machines.create(MachineSpec(machine.key, "westus2"))
    await again.boot()
    said = await type(root)(again)("systemctl is-active web; ls -A /etc/systemd/system")
    assert said.out == "inactive\n"


async def test_services_end_with_the_embedded_azure(machines: Machines, root: Any) -> None:
    """Also those that have left their group."""
    await root.service("web", "ExecStart=/bin/sh -c 'setsid sleep 600 & echo $! $$$$ >/run/pids; wait'")
    await root("systemctl start web")
    await root.until("wc -w </run/pids", "2\n")
    pids = (await root.read("/run/pids")).split()
    await machines.close()
    assert not [pid for pid in pids if root.lives(pid)]


@pytest.mark.parametrize(
    ("restart", "command", "restarts"),
    [
        ("no", "/bin/false", 0),
        ("on-failure", "/bin/false", 5),
        ("on-failure", "/bin/true", 0),
        ("always", "/bin/true", 5),
    ],
)
async def test_a_service_that_ends_is_restarted_as_it_asks(
    root: Any, clock: Clock, restart: str, command: str, restarts: int
) -> None:
    """A little later each time, up to the restart that the limit on its starts refuses."""
    await root.service("web", f"ExecStart={command}", f"Restart={restart}", "RestartSec=1")
    await root("systemctl start web")
    async with asyncio.timeout(20):
        while (state := (await root("systemctl show --value -p SubState web")).out) not in {"dead\n", "failed\n"}:
            await clock.advance(timedelta(seconds=state == "auto-restart\n"))
    assert (await root("systemctl show -p NRestarts web")).out == f"NRestarts={restarts}\n"


async def test_two_machines_do_not_share_what_they_run(
    make_machine: Callable[..., Awaitable[Machine]], root: Any
) -> None:
    """One closes, the other goes on."""
    other = await make_machine(key="acc/pool/other")
    elsewhere = type(root)(other)
    for node in (root, elsewhere):
        await node.service("web", "ExecStart=/bin/sleep 600")
        await node("systemctl start web")
    await other.close(wipe=False)
    assert (await root("systemctl is-active web")).out == "active\n"
