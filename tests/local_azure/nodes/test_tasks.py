"""The start task and the tasks of jobs, run for real."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import pytest

from local_azure.clock import Clock
from local_azure.machines import MachineSpec, MachineTask, MachineUser, StartTask, TaskEnd, TaskUser
from local_azure.nodes import tasks
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

pytestmark = pytest.mark.anyio


async def _run(
    machine: Machine, command: str, *, elevated: bool = True, **environment: str
) -> tuple[int | None, str, str]:
    code = (await machine.run_start_task(StartTask(command, elevated, environment))).exit_code
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
    """It has no exit code, and names no path of the host."""
    code, out, err = await _run(machine, command)
    assert (code, out) == (None, "")
    assert err.startswith(f"{command}: ")
    assert str(machine.root) not in err


async def test_one_that_never_ends_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that it started, and what it printed until then is kept."""
    monkeypatch.setattr(tasks, "_LONGEST_START", 0.5)
    code, out, err = await asyncio.wait_for(_run(machine, "sh -c 'echo begun; sleep 60 & sleep 60'"), 30)
    assert (code, out) == (137, "begun\n")
    assert "was ended" in err


async def test_a_second_run_starts_afresh(machine: Machine) -> None:
    """A reboot runs the start task again; the files are the newest run's."""
    assert (await _run(machine, "echo one"))[1] == "one\n"
    assert (await _run(machine, "sh -c 'echo two >&2'"))[1:] == ("", "two\n")


async def test_a_folder_of_the_host_may_have_a_blank_in_its_name(tmp_path: Path, clock: Clock) -> None:
    """A path that the command line names is one word on the node, and stays one."""
    tls = ssl.create_default_context()
    machines = Machines(tmp_path / "my nodes", clock=clock, tls=tls, proxy=lambda _: "http://127.0.0.1:1")
    machine = machines.create(MachineSpec("acc/pool/node", "westus2"))
    await machine.boot()
    assert await _run(machine, "cat /etc/hostname") == (0, machine.disk.host("/etc/hostname").read_text(), "")
    await machines.close()


FOLDER = "workitems/job/job-1/task"
PLAIN = TaskUser()


async def _task(machine: Machine, command: str, user: TaskUser = PLAIN, **environment: str) -> tuple[TaskEnd, str, str]:
    end = await machine.run_task(MachineTask(command, FOLDER, user, environment))
    return end, machine.read_file(f"{FOLDER}/stdout.txt").decode(), machine.read_file(f"{FOLDER}/stderr.txt").decode()


async def test_a_task_has_a_folder_of_its_own(machine: Machine) -> None:
    """It works in wd, finds its folders in Batch's variables, and its output lies beside wd."""
    command = "sh -c 'pwd; echo $AZ_BATCH_TASK_DIR $AZ_BATCH_NODE_MOUNTS_DIR $MINE; echo made > made.txt; echo no >&2'"
    end, out, err = await _task(machine, command, MINE="x")
    assert (end, err) == (TaskEnd(0), "no\n")
    root = "/mnt/batch/tasks"
    assert out.splitlines() == [f"{root}/{FOLDER}/wd", f"{root}/{FOLDER} {root}/fsmounts x"]
    assert machine.read_file(f"{FOLDER}/wd/made.txt") == b"made\n"


async def test_a_task_finds_its_job_s_preparation(machine: Machine) -> None:
    """Where the job has one."""
    task = MachineTask("sh -c 'echo $AZ_BATCH_JOB_PREP_DIR $AZ_BATCH_JOB_PREP_WORKING_DIR'", FOLDER, PLAIN)
    await machine.run_task(task)
    assert machine.read_file(f"{FOLDER}/stdout.txt") == b"\n"
    await machine.run_task(MachineTask(task.command_line, FOLDER, PLAIN, preparation="workitems/job/job-1/prep"))
    prepared = "/mnt/batch/tasks/workitems/job/job-1/prep"
    assert machine.read_file(f"{FOLDER}/stdout.txt").decode() == f"{prepared} {prepared}/wd\n"


@pytest.mark.parametrize(
    ("user", "name", "is_root"),
    [
        (TaskUser(), "_azbatchtask_1", False),
        (TaskUser(shared=True), "_azbatch", False),
        (TaskUser(admin=True), "root", True),
        (TaskUser(shared=True, admin=True), "root", True),
        (TaskUser("ada"), "ada", False),
        (TaskUser("root-like"), "root-like", True),
    ],
)
async def test_a_task_runs_as_whom_it_names(machine: Machine, user: TaskUser, name: str, is_root: bool) -> None:
    """An administrator is root; an account of the pool is itself, with sudo where it may."""
    machine.put_user(MachineUser("ada", admin=False))
    machine.put_user(MachineUser("root-like", admin=True))
    machine.disk.write("/root/x", "root's", 0o600)
    _, out, _ = await _task(machine, "sh -c 'id -un; cat /root/x || sudo -n cat /root/x'", user)
    assert out.splitlines()[0] == name
    assert ("root's" in out) == is_root


async def test_an_auto_user_of_a_task_goes_with_it(machine: Machine) -> None:
    """The pool's stays, as the next task has it too."""
    await _task(machine, "true")
    await _task(machine, "true", TaskUser(shared=True))
    assert set(machine.accounts.users) == {"_azbatch"}


@pytest.mark.parametrize(
    ("command", "trouble"),
    [("no-such-program", "not-found"), ("sh -c 'unfinished", "not-launched"), ("/etc/hostname", "not-launched")],
)
async def test_a_task_that_cannot_start_has_no_exit_code(machine: Machine, command: str, trouble: str) -> None:
    """Batch tells apart what was not found and what could not be launched."""
    end, _, err = await _task(machine, command)
    assert (end.exit_code, end.trouble) == (None, trouble)
    assert end.message
    assert str(machine.root) not in err


async def test_a_signal_is_an_exit_code(machine: Machine) -> None:
    """As a shell tells it."""
    assert (await _task(machine, "sh -c 'kill -9 $$'"))[0] == TaskEnd(137)


async def test_what_a_task_leaves_behind_does_not_hold_it_up(machine: Machine) -> None:
    """A service that it started in the background goes on, and the task is done."""
    end, out, _ = await asyncio.wait_for(_task(machine, "sh -c 'sleep 60 & echo done'"), 20)
    assert (end, out) == (TaskEnd(0), "done\n")


async def test_output_can_be_read_while_the_task_runs(machine: Machine) -> None:
    """And a cancelled task is ended with all that it started."""
    running = asyncio.ensure_future(_task(machine, "sh -c 'echo begun; echo $$ > pid; sleep 600'"))
    pid = int(await _content(machine, f"{FOLDER}/wd/pid"))
    assert await _content(machine, f"{FOLDER}/stdout.txt") == b"begun\n"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert machine.read_file(f"{FOLDER}/stdout.txt") == b"begun\n"


async def test_a_task_s_folder_can_be_removed(machine: Machine) -> None:
    """Once or twice, and nothing outside of Batch's own root."""
    await _task(machine, "true")
    for _ in range(2):
        machine.remove_files(FOLDER)
    assert FOLDER not in [file.name for file in machine.files()]
    for name in ("../../../etc", "", "..", "workitems/.."):
        with pytest.raises(FileNotFoundError):
            machine.remove_files(name)


async def _content(machine: Machine, name: str) -> bytes:
    """What is in a file of the node, once something is."""
    async with asyncio.timeout(20):
        while name not in [file.name for file in machine.files() if file.size]:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)
    return machine.read_file(name)
