"""Path units: what starts their service, and what does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_azure.clock import Clock
from local_azure.machines import StartTask
from local_azure.nodes.machine import Machine
from local_azure.nodes.systemd import units

MakeMachine = Callable[..., Awaitable[Machine]]
MakeRoot = Callable[[Machine], Any]
ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
RAN = "/var/tmp/ran"
NOTHING = timedelta(0)

pytestmark = pytest.mark.anyio


async def _hook(root: Any, *watched: str, run: str = f"echo ran >>{RAN}", service: tuple[str, ...] = ()) -> None:
    """Install a path unit and a service called hook, and let it watch."""
    await root.service("hook", "Type=oneshot", f"ExecStart=/bin/sh -c '{run}'", *service)
    await root.unit("hook.path", "[Path]", *watched, "[Install]", "WantedBy=multi-user.target")
    said = await root("systemctl daemon-reload && systemctl enable --now hook.path")
    assert said.code == 0, said


async def _runs(root: Any, clock: Clock) -> int:
    """How often the service has run, once all that goes on has ended."""
    await clock.advance(NOTHING)
    return len((await root.read(RAN)).splitlines())


@pytest.mark.parametrize(
    ("watched", "change", "runs"),
    [
        ("PathChanged=/opt/d", "true", 0),
        ("PathChanged=/opt/d", "touch /opt/d/new", 1),
        ("PathChanged=/opt/d", "rm /opt/d/old", 1),
        ("PathChanged=/opt/d", "mv /opt/d/old /opt/d/other", 1),
        ("PathChanged=/opt/d", "echo more >>/opt/d/old", 1),
        ("PathChanged=/opt/d", "echo new >/tmp/x; mv /tmp/x /opt/d/old", 1),
        ("PathChanged=/opt/d", "touch /opt/d/x; rm /opt/d/x", 1),
        ("PathChanged=/opt/d", "chmod 600 /opt/d/old", 1),
        ("PathChanged=/opt/d", "mkdir /opt/d/inner && touch /opt/d/inner/x; ln -s old /opt/d/link", 1),
        ("PathChanged=/opt/d", "touch /opt/d/deep/x", 0),
        ("PathChanged=/opt/d", "touch /opt/beside", 0),
        ("PathChanged=/opt/d", "rm -r /opt/d", 1),
        ("PathModified=/opt/d", "echo more >>/opt/d/old", 1),
        ("PathChanged=/opt/d/old", "echo more >>/opt/d/old", 1),
        ("PathChanged=/opt/d/old", "touch /opt/d/new", 0),
        ("PathChanged=/opt/none/x", "mkdir /opt/none", 0),
        ("PathChanged=/opt/none/x", "mkdir /opt/none; touch /opt/none/x", 1),
        ("PathChanged=/opt/d/link", "ln -sfn old /opt/d/link", 0),
        ("PathChanged=/opt/d/link", "echo more >>/opt/d/target", 1),
        ("PathExists=/opt/none", "true", 0),
        ("PathExistsGlob=/opt/n*", "true", 0),
        ("DirectoryNotEmpty=/opt/empty", "true", 0),
    ],
)
async def test_what_counts_as_a_change(root: Any, clock: Clock, watched: str, change: str, runs: int) -> None:
    """As systemd.path(5) has it; a link is followed once, when the watch begins."""
    await root("mkdir -p /opt/d/deep /opt/empty; touch /opt/d/old /opt/d/target; ln -s target /opt/d/link")
    await _hook(root, watched)
    await root(change)
    assert await _runs(root, clock) == runs


@pytest.mark.parametrize("watched", ["PathExists=/opt/it", "PathExistsGlob=/opt/i*", "DirectoryNotEmpty=/opt/it"])
@pytest.mark.parametrize("before", [True, False])
async def test_what_is_there_starts_the_service_until_it_is_gone(
    root: Any, clock: Clock, watched: str, before: bool
) -> None:
    """Also what is there already when the unit is started; the service has to take it away."""
    make = "mkdir /opt/it; touch /opt/it/x"
    if before:
        await root(make)
    await _hook(root, watched, run=f"rm -r /opt/it; echo ran >>{RAN}")
    if not before:
        assert await _runs(root, clock) == 0
        await root(make)
    assert await _runs(root, clock) == 1


async def test_what_stays_there_ends_in_the_start_limit(root: Any, clock: Clock) -> None:
    """The service is started again and again, and then no more: both units have failed."""
    await root("touch /opt/it")
    await _hook(root, "PathExists=/opt/it")
    assert await _runs(root, clock) == 5
    said = await root("systemctl show --value -p ActiveState,Result hook.path hook.service")
    assert said.out.split() == ["failed", "unit-start-limit-hit", "failed", "start-limit-hit"]
    said = await root("systemctl start hook")
    assert "start of the service was attempted too often" in said.err


async def test_a_change_while_the_service_runs_is_lost(root: Any, clock: Clock) -> None:
    """As it is with systemd: nothing is watched meanwhile."""
    await root("mkdir /opt/d")
    await _hook(
        root, "PathChanged=/opt/d", run=f"echo ran >>{RAN}; touch /run/up; while [ ! -f /run/go ]; do sleep 0.02; done"
    )
    await root("touch /opt/d/x")
    await root.until("test -f /run/up && echo up", "up\n")
    assert (
        await root("systemctl show --value -p SubState hook.path; touch /opt/d/y; touch /run/go")
    ).out == "running\n"
    assert await _runs(root, clock) == 1
    await root("touch /opt/d/z")
    assert await _runs(root, clock) == 2


async def test_a_service_that_waits_for_its_restart_is_still_running(root: Any, clock: Clock) -> None:
    """What changes before that is not seen."""
    await root("mkdir /opt/d")
    await _hook(
        root, "PathChanged=/opt/d", run=f"echo ran >>{RAN}; exit 1", service=("Restart=on-failure", "RestartSec=1h")
    )
    await root("touch /opt/d/x")
    assert await _runs(root, clock) == 1
    await root("touch /opt/d/y")
    assert await _runs(root, clock) == 1
    said = await root("systemctl show --value -p SubState hook.path hook.service")
    assert said.out.split() == ["running", "auto-restart"]
    await clock.advance(timedelta(hours=1))
    assert await _runs(root, clock) == 2


async def test_a_unit_that_is_stopped_watches_no_more(root: Any, clock: Clock) -> None:
    """`disable --now` ends it."""
    await root("mkdir /opt/d")
    await _hook(root, "PathChanged=/opt/d")
    await root("systemctl disable --now hook.path")
    await root("touch /opt/d/x")
    assert await _runs(root, clock) == 0


async def test_another_service_can_be_started(root: Any, clock: Clock) -> None:
    """By Unit=; without that it is the one of the same name, which has to be there."""
    await root.service("other", "Type=oneshot", f"ExecStart=/bin/sh -c 'echo ran >>{RAN}'")
    await root.unit("named.path", "[Path]", "PathChanged=/opt", "Unit=other.service")
    await root.unit("orphan.path", "[Path]", "PathChanged=/opt")
    assert (await root("systemctl start named.path")).code == 0
    said = await root("systemctl start orphan.path; systemctl is-active orphan.path")
    assert (said.out, said.err) == ("failed\n", 'Job failed. See "journalctl -xe" for details.\n')
    await root("touch /opt/x")
    assert await _runs(root, clock) == 1
    assert (await root("systemctl show -p TriggeredBy other")).out == "TriggeredBy=named.path\n"


async def test_a_start_task_s_units_see_each_new_version_once(
    *, make_machine: MakeMachine, make_root: MakeRoot, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """The store is watched from before it exists: the first version, and each poll that brings another."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await make_machine(extension())
    script = f"""
cat >/etc/systemd/system/hook.service <<'END'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'readlink {STORE}/kv-one.web | cut -d. -f6 >>{RAN}'
END
cat >/etc/systemd/system/hook.path <<'END'
[Path]
PathChanged={STORE}
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload && systemctl enable --now hook.path
"""
    end = await machine.run_start_task(
        StartTask("/bin/sh -c 'printf %s \"$SCRIPT\" | /bin/sh -s'", elevated=True, environment={"SCRIPT": script})
    )
    assert end.exit_code == 0, machine.read_file("startup/stderr.txt")
    await machine.install_extensions()
    assert machine.disk.host(RAN).read_text() == f"{ONE}\n"
    small_azure.put("web", TWO, issue("web").pem)
    await clock.advance(timedelta(seconds=299))
    assert machine.disk.host(RAN).read_text() == f"{ONE}\n"
    await clock.advance(timedelta(days=1))
    assert machine.disk.host(RAN).read_text() == f"{ONE}\n{TWO}\n"
    assert (await make_root(machine)("systemctl is-active hook.path")).out == "active\n"


async def test_a_moved_clock_brings_all_in_order(
    *, make_machine: MakeMachine, make_root: MakeRoot, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """A new version, the poll that fetches it, the service that it starts: each at its date, before the next."""
    began = clock.now()
    renewals = {began + timedelta(days=30): TWO, began + timedelta(days=60): THREE}
    by_name = {version: issue("web").pem for version in (ONE, TWO, THREE)}
    clock.on("test.renew", lambda version: small_azure.put("web", version, by_name[version]))
    for at, version in renewals.items():
        clock.schedule(at, "test.renew", version)
    small_azure.put("web", ONE, by_name[ONE])
    machine = await make_machine(extension())
    await machine.install_extensions()
    await _hook(
        make_root(machine), f"PathChanged={STORE}", run=f"readlink {STORE}/kv-one.web >>{RAN}; date +%%s >>{RAN}"
    )
    await clock.advance(timedelta(days=90))
    lines = machine.disk.host(RAN).read_text().splitlines()
    versions = [line.rpartition("/")[2].split(".")[2] for line in lines[::2]]
    assert versions == [TWO, THREE]
    for at, ran in zip(renewals, lines[1::2], strict=True):
        assert timedelta(seconds=-1) < datetime.fromtimestamp(int(ran), UTC) - at <= timedelta(seconds=301)


async def test_a_service_that_hangs_does_not_hold_up_the_clock(
    root: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for a little; by the clock it is over when its own time is, and then the next change counts."""
    monkeypatch.setattr(units, "_PATIENCE", 0.2)
    await root("mkdir /opt/d")
    await _hook(
        root, "PathChanged=/opt/d", run=f"echo ran >>{RAN}; exec sleep 600", service=("TimeoutStartSec=1min 30s",)
    )
    await root("touch /opt/d/x")
    await clock.advance(timedelta(seconds=80))
    assert (await root("systemctl is-active hook")).out == "activating\n"
    await clock.advance(timedelta(seconds=20))
    assert (await root("systemctl show --value -p ActiveState,Result hook")).out == "failed\ntimeout\n"
    await root("touch /opt/d/y")
    assert await _runs(root, clock) == 2


async def test_a_closed_node_leaves_nothing_running(machine: Machine, root: Any) -> None:
    """Neither what hangs nor what has left its group."""
    await root.service("web", "ExecStart=/bin/sh -c 'setsid sleep 600 & echo $! $$$$ >/run/pids; wait'")
    await root.service("hangs", "Type=oneshot", "ExecStart=/bin/sh -c 'echo $$$$ >>/run/pids; sleep 600'")
    await root("systemctl start web; systemctl start --no-block hangs")
    await root.until("wc -w </run/pids", "3\n")
    pids = (await root.read("/run/pids")).split()
    await machine.close(wipe=False)
    assert not [pid for pid in pids if root.lives(pid)]
