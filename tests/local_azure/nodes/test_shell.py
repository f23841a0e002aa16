"""Commands and shells over real SSH."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncssh
import pytest

from local_azure.machines import MachineUser
from local_azure.nodes.machine import Machine

LogIn = Callable[..., AbstractAsyncContextManager[asyncssh.SSHClientConnection]]

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("pwd", "/home/plain\n"),
        ("cd /var/log && pwd -P", "/var/log\n"),
        ("echo x > /tmp/y && cat /tmp/y && readlink -f /tmp/y", "x\n/tmp/y\n"),
        ('ls -d "/etc/ssh" \'/etc/hostname\' "$HOME"', "/etc/hostname\n/etc/ssh\n/home/plain\n"),
        ("for f in /etc/host*; do echo $f; done", "/etc/hostname\n"),
        ("ln -s /etc/hostname l && readlink l && ls -l l | sed 's/.* l //'", "/etc/hostname\n-> /etc/hostname\n"),
        ("dirname $(mktemp)", "/tmp\n"),
        ("whoami; id -un; id -u", "plain\nplain\n1000\n"),
        ("id; id root", "uid=1000(plain) gid=1000(plain) groups=1000(plain)\nuid=0(root) gid=0(root) groups=0(root)\n"),
        ("command -v sudo", "/usr/local/sbin/sudo\n"),
        ("cd .. && pwd && ls", "/home\nplain\n"),
    ],
)
async def test_the_node_s_folder_stands_for_the_root(
    machine: Machine, log_in: LogIn, command: str, output: str
) -> None:
    """What goes in names the node's paths, and so does what comes out."""
    async with log_in(machine) as connection:
        result = await connection.run(command)
    assert (result.stdout, result.stderr) == (output, "")


async def test_the_environment_is_the_node_s_alone(
    machine: Machine, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the server process has in its environment reaches a command."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "of the server")
    monkeypatch.setenv("HTTPS_PROXY", "http://server")
    async with log_in(machine) as connection:
        lines = str((await connection.run("env")).stdout).splitlines()
    assert dict(line.split("=", 1) for line in lines) == {
        "HOME": "/home/plain",
        "USER": "plain",
        "LOGNAME": "plain",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "PWD": "/home/plain",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    }


async def test_errors_name_the_node_s_paths(machine: Machine, log_in: LogIn) -> None:
    """Standard error is translated like standard output."""
    async with log_in(machine) as connection:
        result = await connection.run("cat /var/log/none")
    assert (result.exit_status, str(result.stderr)) == (1, "cat: /var/log/none: No such file or directory\n")


@pytest.mark.parametrize(("command", "status"), [("exit 7", 7), ("true", 0), ("no-such-program", 127)])
async def test_the_exit_status_comes_back(machine: Machine, log_in: LogIn, command: str, status: int) -> None:
    """As sshd would tell it."""
    async with log_in(machine) as connection:
        assert (await connection.run(command)).exit_status == status


async def test_a_command_ended_by_a_signal_says_so(machine: Machine, log_in: LogIn) -> None:
    """As sshd would tell it."""
    async with log_in(machine) as connection:
        assert (await connection.run("kill -9 $$")).exit_signal == ("KILL", False, "", "en-US")


async def test_a_client_s_signal_reaches_the_command(machine: Machine, log_in: LogIn) -> None:
    """A command can be ended from outside."""
    async with log_in(machine) as connection, connection.create_process("echo up; sleep 60") as process:
        assert await process.stdout.readline() == "up\n"
        process.send_signal("TERM")
        await asyncio.wait_for(process.wait(), 10)
        assert process.returncode == -signal.SIGTERM


async def test_a_script_on_standard_input_is_translated(machine: Machine, log_in: LogIn) -> None:
    """`sh -s` with a script is how a visit works."""
    script = (
        'set -- "/var/log"\ncd "$1"\npwd\ncat <<END\n/etc/hostname\nEND\nread -r line </etc/hostname; echo ${#line}'
    )
    async with log_in(machine) as connection:
        result = await connection.run("sh -s", input=script)
    assert result.stdout == "/var/log\n/etc/hostname\n38\n"


async def test_data_on_standard_input_is_not_touched(machine: Machine, log_in: LogIn) -> None:
    """Bytes of any kind arrive as they were sent, though some look like paths."""
    data = b" /var/x /etc/y \xff\xfe\x00\r\n" * 40_000
    async with log_in(machine) as connection:
        result = await connection.run("sha256sum | cut -c1-64", input=data, encoding=None)
    assert bytes(result.stdout or b"").strip().decode() == hashlib.sha256(data).hexdigest()


async def test_much_output_streams_through(machine: Machine, log_in: LogIn) -> None:
    """Ten megabytes of paths come out translated, none lost at a boundary."""
    lines = 500_000
    async with log_in(machine) as connection:
        result = await connection.run(f"yes /var/lib/waagent/x | head -n {lines}")
    assert result.stdout == "/var/lib/waagent/x\n" * lines


async def test_a_shell_answers_line_by_line(machine: Machine, log_in: LogIn) -> None:
    """Without a command there is a shell; each line is answered before the next is typed."""
    async with log_in(machine) as connection, connection.create_process() as process:
        for line, answer in [("cd /etc/ssh", None), ("pwd", "/etc/ssh\n"), ("echo /tmp", "/tmp\n")]:
            process.stdin.write(f"{line}\n")
            if answer:
                assert await asyncio.wait_for(process.stdout.readline(), 10) == answer
        process.stdin.write("exit 3\n")
        assert (await process.wait()).exit_status == 3


async def test_a_terminal_gets_a_prompt(machine: Machine, log_in: LogIn) -> None:
    """Who logs in by hand sees a prompt, the echo of the line, and the answer."""
    async with log_in(machine) as connection, connection.create_process(term_type="xterm") as process:
        assert await asyncio.wait_for(process.stdout.readuntil("plain$ "), 10) == "plain$ "
        process.stdin.write("cd /var/log; pwd\n")
        assert (
            await asyncio.wait_for(process.stdout.readuntil("/var/log\r\n"), 10) == "cd /var/log; pwd\r\n/var/log\r\n"
        )
        process.stdin.write("exit\n")
        await process.wait()


async def test_a_program_in_the_background_outlives_its_command_but_not_the_node(
    machine: Machine, log_in: LogIn
) -> None:
    """Services that a command starts go on; nothing is left once the node is closed."""
    async with log_in(machine) as connection:
        result = await connection.run("sleep 300 >/dev/null 2>&1 </dev/null & echo $!")
        pid = int(str(result.stdout))
        assert (await connection.run(f"kill -0 {pid}")).exit_status == 0
    await machine.close(wipe=False)
    await _gone(pid)


@pytest.mark.skipif(not shutil.which("ssh"), reason="no OpenSSH client here")
async def test_the_openssh_client_works(machine: Machine, tmp_path: Path) -> None:
    """The client that most people have, with the host key pinned from the node's own file."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "key"))
    (tmp_path / "key").chmod(0o600)
    machine.put_user(MachineUser("eve", admin=True, public_key=key.export_public_key().decode()))
    host_key = (machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
    (tmp_path / "known").write_text(f"[{machine.address}]:{machine.port} {host_key}")
    options = ["-F", "none", "-o", f"UserKnownHostsFile={tmp_path}/known", "-o", "StrictHostKeyChecking=yes"]
    client = await asyncio.create_subprocess_exec(
        *("ssh", *options, "-o", "BatchMode=yes", "-i", str(tmp_path / "key"), "-p", str(machine.port)),
        *(f"eve@{machine.address}", "sudo -n sh -s"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(client.communicate(b"id -un; ls -d /var/lib/waagent; exit 4"), 30)
    assert (out, err, client.returncode) == (b"root\n/var/lib/waagent\n", b"", 4)


async def _gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while _lives(pid):  # noqa: ASYNC110 - a process of another parent gives no event
            await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    listed = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")
