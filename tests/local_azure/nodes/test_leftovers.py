"""That nothing runs on which was started on a node, once nobody wants it any more."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local_azure.machines import MachineTask, TaskUser
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="the host tells no environments of processes"),
]
FOLDER = "workitems/job/job-1/task"
# Writes the numbers of three programs: its own, one in the background, and one that has left its group.
STRAYS = "sh -c 'sleep 3600 & setsid sleep 3600 & echo $$ $! $(pgrep -P $$) > ids; exec sleep 3600'"
SERVER = """
import asyncio, ssl, sys
from pathlib import Path
from local_azure.clock import Clock
from local_azure.machines import MachineSpec, MachineTask, TaskUser
from local_azure.nodes.machines import Machines

async def main():
    tls = ssl.create_default_context()
    machines = Machines(Path(sys.argv[1]), clock=Clock(), tls=tls, proxy=lambda spec: "http://127.0.0.1:1")
    machine = machines.create(MachineSpec("account/pool/node", "westus2"))
    await machine.boot()
    print(machine.disk.host("/mnt/batch/tasks"), flush=True)
    await machine.run_task(MachineTask(sys.argv[2], sys.argv[3], TaskUser()))

asyncio.run(main())
"""


def _runs(process: int) -> bool:
    """Whether a program runs; one that has ended and of which nobody has taken note does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.02)


async def _ids(batch_root: Path) -> list[int]:
    """The numbers that `STRAYS` has written, once all of them run as they are to."""
    file = batch_root / FOLDER / "wd/ids"
    await _until(lambda: file.exists() and len(file.read_text().split()) >= 3)
    ids = sorted({int(number) for number in file.read_text().split()})
    sleeping = [process for process in ids if _runs(process)]
    await _until(lambda: all("sleep" in Path(f"/proc/{process}/comm").read_text() for process in sleeping))
    assert len(sleeping) >= 3
    return sleeping


def _task() -> MachineTask:
    return MachineTask(STRAYS, FOLDER, TaskUser())


async def test_a_cancelled_task_leaves_nothing(machine: Machine) -> None:
    """Neither its children nor what has made itself independent of it."""
    running = asyncio.ensure_future(machine.run_task(_task()))
    ids = await _ids(machine.disk.host("/mnt/batch/tasks"))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await _until(lambda: not any(map(_runs, ids)))


async def test_a_cancelled_task_is_alone_in_that(
    machine: Machine, make_machine: Callable[..., Awaitable[Machine]]
) -> None:
    """The same task of the same job on another node runs on."""
    other = await make_machine(key="acc/pool/node-2")
    runs = [asyncio.ensure_future(one.run_task(_task())) for one in (machine, other)]
    await _ids(machine.disk.host("/mnt/batch/tasks"))
    ids = await _ids(other.disk.host("/mnt/batch/tasks"))
    runs[0].cancel()
    await asyncio.wait({runs[0]})
    assert all(map(_runs, ids))
    runs[1].cancel()
    await asyncio.wait({runs[1]})


async def test_closed_machines_leave_nothing(machines: Machines, machine: Machine) -> None:
    """When the embedded Azure ends, also what a finished task had left in the background is ended."""
    command = "sh -c 'setsid sleep 3600 & sleep 3600 & echo $$ $(pgrep -P $$) > ids'"
    await machine.run_task(MachineTask(command, FOLDER, TaskUser()))
    file = machine.disk.host(f"/mnt/batch/tasks/{FOLDER}/wd/ids")
    ids = [int(number) for number in file.read_text().split() if _runs(int(number))]
    assert len(ids) >= 2
    await machines.close()
    assert not any(map(_runs, ids))


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
async def test_a_server_that_is_killed_leaves_nothing(tmp_path: Path, sign: signal.Signals) -> None:
    """Nobody has closed it, and still its nodes' programs end."""
    command = [sys.executable, "-c", SERVER, str(tmp_path / "nodes"), STRAYS, FOLDER]
    server = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert server.stdout
    ids = await _ids(Path((await server.stdout.readline()).decode().strip()))
    server.send_signal(sign)
    await server.wait()
    await _until(lambda: not any(map(_runs, ids)))
