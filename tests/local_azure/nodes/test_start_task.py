"""The start task, run for real."""

from __future__ import annotations

import asyncio

import pytest

from local_azure.machines import StartTask
from local_azure.nodes import start_task
from local_azure.nodes.machine import Machine

pytestmark = pytest.mark.anyio


async def _run(machine: Machine, command: str, *, elevated: bool = True, **environment: str) -> tuple[int, str, str]:
    code = await machine.run_start_task(StartTask(command, elevated, environment))
    return code, machine.read_file("startup/stdout.txt").decode(), machine.read_file("startup/stderr.txt").decode()


async def test_its_output_becomes_files_of_the_node(machine: Machine) -> None:
    """The host's public keys, printed by a start task, are how a client gets them through Batch."""
    code, out, err = await _run(machine, "/bin/sh -c 'cat /etc/ssh/ssh_host_*_key.pub; echo oops >&2; exit 3'")
    assert (code, err) == (3, "oops\n")
    assert out == (machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()


async def test_the_command_line_is_not_run_by_a_shell(machine: Machine) -> None:
    """As in Batch: who wants expansion calls a shell."""
    assert (await _run(machine, "echo $HOME 'a  b' > /tmp/x"))[1] == "$HOME a  b > /tmp/x\n"


async def test_it_runs_in_its_working_folder_with_batch_s_variables(machine: Machine) -> None:
    """Besides the pool's own ones, which may name the node's paths."""
    command = 'sh -c \'pwd; echo "$AZ_BATCH_POOL_ID $AZ_BATCH_NODE_ID $AZ_BATCH_NODE_SHARED_DIR $MINE"; ls "$MINE"\''
    code, out, err = await _run(machine, command, MINE="/etc/ssh/ssh_host_ed25519_key.pub")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "/mnt/batch/tasks/startup/wd",
        "pool node-1 /mnt/batch/tasks/shared /etc/ssh/ssh_host_ed25519_key.pub",
        "/etc/ssh/ssh_host_ed25519_key.pub",
    ]


@pytest.mark.parametrize(("elevated", "code"), [(True, 0), (False, 1)])
async def test_only_an_elevated_one_sees_what_is_root_s(machine: Machine, elevated: bool, code: int) -> None:
    """Not elevated it runs as a user of its own."""
    machine.disk.write("/root/x", "root's", 0o600)
    got, out, err = await _run(machine, "sh -c 'id -un; cat /root/x'", elevated=elevated)
    assert got == code
    assert ("root's" in out, "Permission denied" in err) == (elevated, not elevated)
    assert out.splitlines()[0] == ("root" if elevated else "_azbatchtask_start")


@pytest.mark.parametrize("command", ["no-such-program", "sh -c 'unfinished", "", "/etc/hostname"])
async def test_a_command_line_that_cannot_run_says_why(machine: Machine, command: str) -> None:
    """With the exit code that a shell would give, and no path of the host."""
    code, out, err = await _run(machine, command)
    assert (code, out) == (127, "")
    assert err.startswith(f"{command}: ")
    assert str(machine.root) not in err


async def test_one_that_never_ends_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that it started, and what it printed until then is kept."""
    monkeypatch.setattr(start_task, "_LONGEST", 0.5)
    code, out, err = await asyncio.wait_for(_run(machine, "sh -c 'echo begun; sleep 60 & sleep 60'"), 30)
    assert (code, out) == (137, "begun\n")
    assert "was ended" in err


async def test_a_second_run_starts_afresh(machine: Machine) -> None:
    """A reboot runs the start task again; the files are the newest run's."""
    assert (await _run(machine, "echo one"))[1] == "one\n"
    assert (await _run(machine, "sh -c 'echo two >&2'"))[1:] == ("", "two\n")
