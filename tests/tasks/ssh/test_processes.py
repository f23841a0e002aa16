from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from tasks.ssh.lanes import Lanes
from tasks.ssh.orders import Setup
from tasks.ssh.processes import WorkerGoneError, WorkerProcess
from tasks.ssh.values import Answer
from tasks.ssh.visit import visit

WAIT = 30


@pytest.fixture
def setup(key, limits):
    return Setup(key.seed(), "true", limits(), None)


@pytest.fixture
def worker(setup):
    started = WorkerProcess(setup)
    yield started
    started.stop()


class Calls:
    """A script that never ends, and the event that says one was begun."""

    def __init__(self):
        self.begun = threading.Event()

    async def never_ends(self, _process):
        self.begun.set()
        await asyncio.sleep(3600)


def in_thread(call, *args):
    caught = []

    def run():
        try:
            caught.append(call(*args))
        except WorkerGoneError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, caught


def ready(worker):
    deadline = time.monotonic() + WAIT
    while not worker.ready and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert worker.ready


def test_another_process_brings_the_answer(servers, worker):
    """Answers come back to whoever asked, failures as Problems."""
    good, strange = servers.ssh(), servers.ssh()
    assert worker.visit(good.host()).output == b"sudo -n sh -s\ntrue"
    assert worker.visit(good.host(host_keys=strange.host_keys)).failure.code == "ssh-host-key-changed"


def test_it_ends_when_it_is_stopped(servers, setup):
    """No process is left behind, also with a visit in flight, and whoever waits is told."""
    calls = Calls()
    started = WorkerProcess(setup)
    ready(started)
    waiting, caught = in_thread(started.visit, servers.ssh(calls.never_ends).host())
    assert calls.begun.wait(WAIT)
    started.stop()
    waiting.join(WAIT)
    assert isinstance(caught[0], WorkerGoneError)
    assert started._process.returncode == 0
    with pytest.raises(WorkerGoneError):
        started.visit(servers.ssh().host())


PARENT = """
import pickle, sys, threading
from tasks.ssh.orders import Setup
from tasks.ssh.processes import WorkerProcess
setup, host = pickle.load(sys.stdin.buffer)
worker = WorkerProcess(setup)
threading.Thread(target=worker.visit, args=(host,)).start()
print(worker._process.pid, flush=True)
threading.Event().wait()
"""


def test_it_ends_when_its_parent_is_killed(servers, setup):
    """A parent that is killed says nothing more; the end of the socket is enough."""
    calls = Calls()
    node = servers.ssh(calls.never_ends)
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        parent.stdin.write(pickle.dumps((setup, node.host())))
        parent.stdin.close()
        pid = int(parent.stdout.readline())
        assert calls.begun.wait(WAIT)
        parent.kill()
    assert node.lost.acquire(timeout=WAIT)
    deadline = time.monotonic() + WAIT
    while is_running(pid) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert not is_running(pid)


def is_running(pid):
    state = Path(f"/proc/{pid}/stat")
    if state.parent.parent.joinpath(
        "self"
    ).exists():  # Linux: one that ended and was not asked for is no longer running
        return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_is_replaced_by_this_one(servers, key, limits, worker):
    """The node whose visit was lost with it is visited from here."""
    calls = Calls()
    runs = []

    async def second_time_lucky(process):
        runs.append(1)
        if len(runs) == 1:
            await calls.never_ends(process)
        process.stdout.write(b"answer")
        process.exit(0)

    node = servers.ssh(second_time_lucky)
    here = partial(visit, key=key, script="true", limits=limits())
    ways = Lanes(here, [worker])
    ready(worker)
    ways._under_way[None] = 1  # busy here, so the visit goes there
    waiting, caught = in_thread(ways.visit, node.host())
    assert calls.begun.wait(WAIT)
    worker._process.kill()
    waiting.join(WAIT)
    assert caught[0].output == b"answer"
    assert ways._under_way == {None: 1, worker: 0}


def test_nobody_waits_for_a_process_that_starts(servers, key, limits):
    """Until the other process is up, visits are made here."""
    made = []

    class Starting:
        ready = False

        def visit(self, _host):
            raise AssertionError("not up yet")

    ways = Lanes(lambda host: made.append(host) or Answer(host.node_id), [Starting()])
    ways._under_way[None] = 5  # however many are under way here
    for _ in range(3):
        ways.visit(servers.ssh().host())
    assert len(made) == 3


def test_a_process_still_starting_is_not_waited_for(setup):
    """A fan-out that ends before the other process is up does not wait for it to load its modules."""
    started = WorkerProcess(setup)
    assert not started.ready
    started.stop()
    assert started._process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into Linux's /proc")
def test_the_private_key_is_in_no_argument_and_no_variable(servers, worker, key):
    """The key travels over the socket alone."""
    worker.visit(servers.ssh().host())
    process = Path("/proc") / str(worker._process.pid)
    shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert b"tasks.ssh.worker" in shown
    for form in (key.seed(), key.seed().hex().encode()):
        assert form not in shown
    assert repr(key.seed()) not in repr(Setup(key.seed(), "", None, None))


def test_it_loads_little():
    """A second process is cheap: it loads neither the engine nor Azure's libraries nor the parameter models."""
    code = (
        "import sys, tasks.ssh.worker; print([m for m in ('prefect', 'azure', 'pydantic', 'rich') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
