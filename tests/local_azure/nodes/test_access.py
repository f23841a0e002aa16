"""What root, an administrator and a plain user may see; also run as an ordinary user where these tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncssh
import pytest

from local_azure.nodes.disk import AGENT_HOME
from local_azure.nodes.machine import Machine

LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]
STATUS = f"{AGENT_HOME}/H-1.0/status/1.status"

pytestmark = pytest.mark.anyio


@pytest.fixture
def node(machine: Machine) -> Machine:
    """A machine with a handler's closed folders, and a store outside the agent's."""
    machine.disk.mkdir(f"{AGENT_HOME}/H-1.0/status", 0o700)
    machine.disk.write(STATUS, "[]", 0o600)
    machine.disk.mkdir("/opt/certs", 0o755)
    machine.disk.write("/opt/certs/open", "open")
    machine.disk.write("/opt/certs/key", "secret", 0o600)
    return machine


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize(
    ("command", "error"),
    [
        (f"cat {STATUS}", f"cat: {STATUS}: Permission denied"),
        (f"cd {AGENT_HOME}", f"sh: 1: cd: can't cd to {AGENT_HOME}"),
        (f"ls {AGENT_HOME}", f"ls: cannot open directory '{AGENT_HOME}': Permission denied"),
        ("cat /opt/certs/key", "cat: /opt/certs/key: Permission denied"),
        ("cat /etc/ssh/ssh_host_ed25519_key", "cat: /etc/ssh/ssh_host_ed25519_key: Permission denied"),
        ("ls /root", "ls: cannot open directory '/root': Permission denied"),
    ],
)
async def test_what_is_root_s_alone_is_closed_without_sudo(
    node: Machine, log_in: LogIn, command: str, error: str, admin: bool
) -> None:
    """To an administrator too."""
    async with log_in(node, admin=admin) as connection:
        result = await connection.run(command)
    assert (str(result.stdout), result.exit_status != 0) == ("", True)
    assert error in str(result.stderr).replace("/bin/sh", "sh")


async def test_what_is_open_is_open_to_all(node: Machine, log_in: LogIn) -> None:
    """A plain user reads what root made for all, and sees a new file at once."""
    async with log_in(node) as connection:
        assert (await connection.run("cat /opt/certs/open")).stdout == "open"
        node.disk.write("/opt/certs/open", "new")
        node.disk.write("/opt/certs/late", "late")
        assert (await connection.run("cat /opt/certs/open /opt/certs/late")).stdout == "newlate"
        node.disk.remove("/opt/certs")
        assert (await connection.run("ls /opt")).stdout == ""


@pytest.mark.parametrize(
    ("command", "output"),
    [
        (f"sudo -n cat {STATUS}", "[]"),
        (f"sudo cat {STATUS}", "[]"),
        (f"sudo -n -u root -- cat {STATUS}", "[]"),
        (f"sudo -n sh -c 'cat {AGENT_HOME}/*/status/1.status; id -u'", "[]0\n"),
        (f"cd /opt/certs && sudo -n pwd && sudo -n cat key && cat {STATUS} || echo no", "/opt/certs\nsecretno\n"),
        ("sudo -n id -un; whoami", "root\nadmin\n"),
        ("sudo -n -i pwd; pwd", "/root\n/home/admin\n"),
        ("sudo -n A=b sh -c 'echo $A $HOME $USER $SUDO_USER'", "b /root root admin\n"),
        ("sudo -n sudo -n id -u", "0\n"),
        ("sudo -v && sudo -n true && echo yes", "yes\n"),
    ],
)
async def test_an_administrator_has_sudo(node: Machine, log_in: LogIn, command: str, output: str) -> None:
    """sudo shows the disk as root sees it, for that command alone."""
    async with log_in(node, admin=True) as connection:
        assert (await connection.run(command)).stdout == output


async def test_a_script_for_sudo_sees_the_disk_as_root(node: Machine, log_in: LogIn) -> None:
    """The paths in it are root's, not the caller's."""
    async with log_in(node, admin=True) as connection:
        result = await connection.run("sudo -n sh -s", input=f"cat {STATUS}\nls -l {AGENT_HOME}/H-1.0")
    lines = str(result.stdout).splitlines()
    assert lines[0].startswith("[]total")
    assert lines[1].startswith("drwx------ 2 root root")


ASKS = (
    "sudo: a terminal is required to read the password; either use the -S option to read from standard input or "
    "configure an askpass helper\n"
)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("sudo -n true", "sudo: a password is required\n"),
        ("sudo -n -l", "sudo: a password is required\n"),
        ("sudo true", f"{ASKS}sudo: a password is required\n"),
    ],
)
async def test_a_plain_user_is_refused(node: Machine, log_in: LogIn, command: str, error: str) -> None:
    """In sudo's own words, with its exit status."""
    async with log_in(node) as connection:
        result = await connection.run(command)
    assert (result.stdout, result.stderr, result.exit_status) == ("", error, 1)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("sudo -n no-such", "sudo: no-such: command not found\n"),
        ("sudo -n -u ghost id", "sudo: unknown user ghost\n"),
        ("sudo -n --nonsense id", "sudo: invalid option -- '-nonsense'\n"),
    ],
)
async def test_sudo_tells_what_is_wrong(node: Machine, log_in: LogIn, command: str, error: str) -> None:
    """In sudo's own words where it has any."""
    async with log_in(node, admin=True) as connection:
        result = await connection.run(command)
    assert (result.stderr, result.exit_status) == (error, 1)


async def test_sudo_can_be_made_to_refuse(node: Machine, log_in: LogIn) -> None:
    """A node whose sudoers was changed refuses administrators too, until it is changed back."""
    node.refuse_sudo("sudo: sorry, you must have a tty to run sudo")
    async with log_in(node, admin=True) as connection:
        result = await connection.run("sudo -n id")
        assert (result.stderr, result.exit_status) == ("sudo: sorry, you must have a tty to run sudo\n", 1)
        node.refuse_sudo("")
        assert (await connection.run("sudo -n id -u")).stdout == "0\n"


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize(
    ("path", "listed"),
    [
        (AGENT_HOME, "drwx------ root root"),
        ("/opt/certs/key", "-rw------- root root 6"),
        ("/opt/certs/open", "-rw-r--r-- root root 4"),
        ("/etc/ssh/ssh_host_ed25519_key.pub", "-rw-r--r-- root root"),
        ("/home/plain", "drwxr-x--- plain plain"),
    ],
)
async def test_listings_tell_the_node_s_owners_and_modes(
    node: Machine, log_in: LogIn, path: str, listed: str, admin: bool
) -> None:
    """Whoever runs the server, files are root's or their user's; what is closed has the mode that it really has."""
    async with log_in(node), log_in(node, admin=admin) as connection:
        fields = str((await connection.run(f"ls -ld {path}")).stdout).split()
        assert f"{fields[0]} {fields[2]} {fields[3]} {fields[4]}".startswith(listed)
        within = str((await connection.run(f"cd {path.rpartition('/')[0]}; ls -la")).stdout).splitlines()
        (line,) = (line.split() for line in within if line.split()[-1] == path.rpartition("/")[2])
        assert f"{line[0]} {line[2]} {line[3]} {line[4]}".startswith(listed)


async def test_stat_tells_owner_and_mode(node: Machine, log_in: LogIn) -> None:
    """The form that scripts use."""
    async with log_in(node, admin=True) as connection:
        result = await connection.run(f"sudo -n stat -c '%U:%G %u %a %s %n' {STATUS} /home/admin")
    first, second = str(result.stdout).splitlines()
    assert first == f"root:root 0 600 2 {STATUS}"
    assert second.startswith("admin:admin 1000 750 ")


async def test_an_access_list_opens_a_file_to_its_reader_alone(node: Machine, log_in: LogIn) -> None:
    """Listings mark such a file with a plus, and getfacl prints the list."""
    node.disk.write("/opt/certs/key", "secret", 0o640)
    node.disk.acls.add("/opt/certs/key", ["user:plain:r--", "group:apps:r--"])
    async with log_in(node) as reader, log_in(node, admin=True) as stranger:
        assert (await reader.run("cat /opt/certs/key")).stdout == "secret"
        assert str((await reader.run("ls -l /opt/certs/key")).stdout).startswith("-rw-r-----+ ")
        acl = str((await reader.run("getfacl /opt/certs/key")).stdout)
        assert {"# file: opt/certs/key", "# owner: root", "user:plain:r--", "group:apps:r--"} <= set(acl.splitlines())
        assert "Permission denied" in str((await stranger.run("cat /opt/certs/key")).stderr)


def test_all_this_holds_for_an_ordinary_user(tmp_path: Path) -> None:
    """The server needs no root: the tests of this file and of the shell pass without it.

    In a user namespace without a mapping, root's processes have another user id and no privilege.
    """
    if os.geteuid() != 0:
        pytest.skip("not root: the other tests have shown it")
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "--user", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    here = Path(__file__).parent
    words = [
        unshare,
        "--user",
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--confcutdir",
        str(here),
    ]
    ran = subprocess.run(
        [*words, "--basetemp", str(tmp_path / "run"), str(here / "test_shell.py"), str(here / "test_access.py")],
        cwd=here.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
