"""`systemctl` on a node, as root and others use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncssh
import pytest

from local_azure.nodes.machine import Machine

LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]

pytestmark = pytest.mark.anyio

SLEEPS = ("ExecStart=/bin/sleep 600",)
ONESHOT = ("Type=oneshot", "ExecStart=/bin/sh -c 'echo ran >>/var/tmp/ran'")
FAILS = ("Type=oneshot", "ExecStart=/bin/sh -c 'echo oops; exit 7'")


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("start none", 5, "", "Failed to start none.service: Unit none.service not found."),
        ("stop none", 5, "", "Failed to stop none.service: Unit none.service not loaded."),
        ("restart none.path", 5, "", "Failed to restart none.path: Unit none.path not found."),
        ("reload none", 5, "", "Failed to reload none.service: Unit none.service not found."),
        ("enable none", 1, "", "Failed to enable unit: Unit file none.service does not exist."),
        ("disable none", 1, "", "Failed to disable unit: Unit file none.service does not exist."),
        ("is-active none", 4, "inactive", ""),
        ("is-failed none", 4, "inactive", ""),
        ("is-enabled none", 1, "", "Failed to get unit file state for none.service: No such file or directory"),
        ("status none", 4, "", "Unit none.service could not be found."),
        ("show -p LoadState,ActiveState none", 0, "LoadState=not-found\nActiveState=inactive", ""),
        ("frobnicate x", 1, "", "Unknown command verb frobnicate."),
        ("--frobnicate start x", 1, "", "systemctl: unrecognized option '--frobnicate'"),
        ("start", 1, "", "Too few arguments."),
        ("start ../../etc/passwd.service", 5, "", "Failed to start passwd.service: Unit passwd.service not found."),
    ],
)
async def test_what_it_says_of_units_and_words_that_it_does_not_know(
    root: Any, command: str, code: int, out: str, err: str
) -> None:
    """In systemd's words, with systemd's exit codes."""
    said = await root(f"systemctl {command}")
    assert (said.code, said.out.rstrip("\n"), said.err.rstrip("\n")) == (code, out, err)


async def test_a_oneshot_runs_to_its_end(root: Any) -> None:
    """`start` waits for it, `start --no-block` does not."""
    await root.service("one", "Type=oneshot", "ExecStart=/bin/sh -c 'while [ ! -f /tmp/go ]; do sleep 0.02; done'")
    said = await root("systemctl start --no-block one; systemctl is-active one; touch /tmp/go; systemctl start one")
    assert (said.code, said.out, said.err) == (0, "activating\n", "")
    said = await root("systemctl is-active one; systemctl show --value -p Result,ExecMainStatus,MainPID one")
    assert said.out == "inactive\nsuccess\n0\n0\n"


async def test_one_that_fails_keeps_its_exit_status(root: Any) -> None:
    """And says so, until it is reset."""
    await root.service("bad", *FAILS)
    said = await root("systemctl start bad")
    assert said.code == 1
    assert said.err.splitlines() == [
        "Job for bad.service failed because the control process exited with error code.",
        'See "systemctl status bad.service" and "journalctl -xeu bad.service" for details.',
    ]
    said = await root("systemctl is-failed bad; systemctl show -p Result -p ExecMainStatus -p ExecMainCode bad.service")
    assert said.out == "failed\nResult=exit-code\nExecMainStatus=7\nExecMainCode=1\n"
    said = await root("systemctl status bad")
    assert said.code == 3
    assert "Active: failed (Result: exit-code) since" in said.out
    assert "(code=exited, status=7)" in said.out
    *_, said_itself, told_by_systemd = said.out.splitlines()
    assert said_itself.endswith(": oops")
    assert told_by_systemd.endswith(" systemd[1]: bad.service: Failed with result 'exit-code'.")
    assert (await root("systemctl reset-failed bad; systemctl is-active bad")).out == "inactive\n"


async def test_a_service_lives_on_until_it_is_stopped(root: Any) -> None:
    """A real process, with all that it starts."""
    await root.service("long", "ExecStart=/bin/sh -c 'sleep 600 & setsid sleep 600 & echo $! >/run/away; wait'")
    said = await root("systemctl start long; systemctl is-active long; systemctl show --value -p MainPID long")
    state, pid = said.out.split()
    assert state == "active"
    assert root.lives(pid)
    await root.until("test -s /run/away && echo there", "there\n")
    away = await root.read("/run/away")
    said = await root("systemctl stop long; systemctl is-active long; systemctl show --value -p Result long")
    assert said.out == "inactive\nsuccess\n"
    assert not root.lives(pid)
    assert not root.lives(away)


async def test_one_that_will_not_end_is_ended(root: Any) -> None:
    """By SIGKILL, when its time to stop is over."""
    await root.service(
        "deaf",
        "ExecStart=/bin/sh -c 'trap : TERM; touch /run/up; while :; do sleep 0.05; done'",
        "TimeoutStopSec=200ms",
    )
    await root("systemctl start deaf")
    await root.until("test -f /run/up && echo up", "up\n")
    said = await root("systemctl stop deaf; systemctl is-active deaf")
    assert said.out == "failed\n"


async def test_what_a_oneshot_leaves_behind_is_ended(root: Any) -> None:
    """As systemd does with what is left of a unit's group."""
    await root.service("leaves", "Type=oneshot", "ExecStart=/bin/sh -c 'setsid sleep 600 & echo $! >/run/left'")
    assert not root.lives((await root("systemctl start leaves; cat /run/left")).out)


async def test_reload_runs_the_commands_for_it(root: Any) -> None:
    """They know the main process; a service that is down, or cannot, is not reloaded."""
    await root.service(
        "web",
        "ExecStart=/bin/sh -c 'trap \"echo again >>/run/web\" HUP; touch /run/up; while :; do sleep 0.02; done'",
        "ExecReload=/bin/kill -HUP $MAINPID",
    )
    said = await root("systemctl reload web")
    assert (said.code, said.err) == (1, "web.service is not active, cannot reload.\n")
    assert (await root("systemctl try-reload-or-restart web; systemctl is-active web")).out == "inactive\n"
    await root("systemctl reload-or-restart web")
    await root.until("test -f /run/up && echo up", "up\n")
    before = (await root("systemctl show -p MainPID web")).out
    for verb in ("reload", "reload-or-restart", "try-reload-or-restart"):
        assert (await root(f"rm -f /run/web; systemctl {verb} web")).code == 0
        await root.until("cat /run/web", "again\n")
    assert (await root("systemctl show -p MainPID web")).out == before
    assert (await root("systemctl restart web; systemctl show -p MainPID web")).out != before
    await root.service("plain", *SLEEPS)
    said = await root("systemctl start plain; systemctl reload plain")
    why = "Job type reload is not applicable for unit plain.service."
    assert (said.code, said.err) == (3, f"Failed to reload plain.service: {why}\n")


async def test_several_units_at_once(root: Any) -> None:
    """Each is done; the first failure's code counts."""
    await root.service("a", *ONESHOT)
    await root.service("b", *FAILS)
    said = await root("systemctl start none a b")
    assert said.code == 5
    assert await root.read("/var/tmp/ran") == "ran\n"
    said = await root("systemctl is-active a b none")
    assert (said.code, said.out) == (3, "inactive\nfailed\ninactive\n")


async def test_enable_and_disable(root: Any) -> None:
    """A link in the target's folder, and --now does more."""
    await root.service("long", *SLEEPS)
    link = "/etc/systemd/system/multi-user.target.wants/long.service"
    said = await root("systemctl is-enabled long; systemctl enable --now long")
    assert said.out == "disabled\n"
    assert said.err == f"Created symlink {link} → /etc/systemd/system/long.service.\n"
    said = await root(f"systemctl is-enabled long; systemctl is-active long; readlink {link}; systemctl enable long")
    assert (said.out, said.err) == ("enabled\nactive\n/etc/systemd/system/long.service\n", "")
    said = await root("systemctl disable --now long; systemctl is-enabled long; systemctl is-active long")
    assert (said.out, said.err) == ("disabled\ninactive\n", f'Removed "{link}".\n')
    said = await root("systemctl -q enable long; systemctl --quiet is-enabled long; systemctl -q disable long none")
    assert (said.code, said.out) == (1, "")
    assert said.err == "Failed to disable unit: Unit file none.service does not exist.\n"
    await root.unit("static.service", "[Service]", *SLEEPS)
    said = await root("systemctl is-enabled static; systemctl enable static")
    assert (said.code, said.out) == (0, "static\n")
    assert said.err.startswith("The unit files have no installation config")


@pytest.mark.parametrize(
    ("command", "code", "err"),
    [
        (
            "start long",
            4,
            (
                "Failed to start long.service: Access denied\n"
                "See system logs and 'systemctl status long.service' for details.\n"
            ),
        ),
        ("enable --now long", 1, "Failed to enable unit: Access denied\n"),
        ("daemon-reload", 1, "Failed to reload daemon: Access denied\n"),
        ("is-active long", 3, ""),
    ],
)
async def test_root_alone_may_change_units(root: Any, command: str, code: int, err: str) -> None:
    """Others may look."""
    await root.service("long", *SLEEPS)
    said = await root(f"systemctl {command}", elevated=False)
    assert (said.code, said.err) == (code, err)


async def test_an_administrator_may_through_sudo(machine: Machine, root: Any, log_in) -> None:
    """As in a visit over SSH."""
    await root.service("one", *ONESHOT)
    async with log_in(machine, admin=True) as connection:
        assert (await connection.run("systemctl start one")).exit_status == 4
        done = await connection.run("sudo -n sh -s", input="systemctl start one && cat /var/tmp/ran")
    assert (done.exit_status, done.stdout, done.stderr) == (0, "ran\n", "")


async def test_what_a_service_prints_is_in_the_log(root: Any) -> None:
    """Each line with who said it, both outputs; a line without an end is cut."""
    command = "echo out; echo err >&2; cat /etc/none; printf %%0100000d 0"
    await root.service("talks", "Type=oneshot", f"ExecStart=/bin/sh -c '{command}'")
    await root("systemctl start talks")
    said = [line.partition("]: ")[2] for line in (await root.read("/var/log/syslog")).splitlines() if " talks[" in line]
    assert {"out", "err", "cat: /etc/none: No such file or directory"} <= set(said)
    assert sum(line.count("0") for line in said) == 100_000
    assert max(map(len, said)) < 100_000


async def test_a_changed_file_counts_after_daemon_reload(root: Any) -> None:
    """For a unit that is up; systemctl says so until then."""
    await root.service("long", *SLEEPS)
    await root("systemctl start long")
    await root.service("long", *SLEEPS, "ExecReload=/bin/touch /run/reloaded")
    said = await root("systemctl reload long; systemctl show -p NeedDaemonReload long")
    assert said.out == "NeedDaemonReload=yes\n"
    assert said.err.startswith(
        "Warning: The unit file, source configuration file or drop-ins of long.service changed on"
    )
    said = await root("systemctl daemon-reload; systemctl reload long; ls /run/reloaded")
    assert (said.code, said.out, said.err) == (0, "/run/reloaded\n", "")


async def test_a_unit_file_that_is_no_good(root: Any) -> None:
    """It is not started, and the log says why."""
    await root.service("odd", "Type=forking", "ExecStart=/bin/true")
    said = await root("systemctl start odd")
    assert (said.code, said.err.splitlines()[0]) == (
        6,
        "Failed to start odd.service: Unit odd.service has a bad unit file setting.",
    )
    assert "Type=forking" in await root.read("/var/log/syslog")
    assert (await root("systemctl show -p LoadState odd")).out == "LoadState=bad-setting\n"


@pytest.mark.parametrize("written_on_the_node", [True, False])
async def test_the_node_s_paths_hold_in_units(machine: Machine, root: Any, written_on_the_node: bool) -> None:
    """Whoever wrote the file, and whatever it names; `cat` shows what was written."""
    command = "cat /etc/hostname >/var/tmp/%p; pwd >>/var/tmp/%p"
    lines = ("[Service]", "Type=oneshot", f"ExecStart=/bin/sh -c '{command}'", "WorkingDirectory=/opt")
    if written_on_the_node:
        await root.unit("one.service", *lines)
    else:
        machine.disk.write("/etc/systemd/system/one.service", "\n".join(lines) + "\n")
    assert await root.read("/etc/systemd/system/one.service") == "\n".join(lines) + "\n"
    assert (await root("systemctl start one")).code == 0
    assert await root.read("/var/tmp/one") == machine.disk.host("/etc/hostname").read_text() + "/opt\n"


async def test_two_nodes_have_managers_of_their_own(root: Any, make_machine: Callable[..., Awaitable[Machine]]) -> None:
    """What one node's units do, another's do not know."""
    await root.service("long", *SLEEPS)
    await root("systemctl start long")
    other = type(root)(await make_machine(key="acc/pool/node-2"))
    assert (await other("systemctl is-active long")).code == 4
    assert (await root("systemctl is-active long")).code == 0


async def test_times_are_the_node_s(machine: Machine, root: Any) -> None:
    """Of its own clock, in systemd's form or as numbers."""
    machine.skew = timedelta(days=400)
    await root.service("one", *ONESHOT)
    show = "systemctl show --value -p ExecMainStartTimestamp one"
    said = await root(f"date +%s; systemctl start one; {show} --timestamp=unix; date +%s; {show}")
    before, at, after, shown = said.out.splitlines()
    assert int(before) <= int(at.removeprefix("@")) + 1 <= int(after) + 2
    assert datetime.strptime(shown, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp() == pytest.approx(
        int(at.removeprefix("@")), abs=1
    )
