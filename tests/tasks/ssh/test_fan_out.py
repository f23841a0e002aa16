from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from batchcert.problems import Problem
from tasks.ssh.fan_out import visit_all
from tasks.ssh.processes import WorkerProcess

PROMPTLY = 10.0  # seconds for all to end on a busy machine; the script's time-out is 30 s


class Cancelled(BaseException):
    """What Prefect raises in a flow's main thread, and no `except Exception` catches."""


class Users:
    """The users of the nodes, as Azure would hold them."""

    def __init__(self):
        self.made = []
        self.removed = []
        self._lock = threading.Lock()

    def make(self, host):
        with self._lock:
            self.made.append(host.node_id)

    def remove(self, host):
        with self._lock:
            self.removed.append(host.node_id)


@pytest.fixture
def users():
    return Users()


@pytest.fixture
def go(key, spec, users):
    """A fan-out that makes and removes users; limits by name, and the other arguments of `visit_all`."""

    def run(some_hosts, limits=None, **options):
        hooks = {"prepare": users.make, "clean_up": users.remove, **options}
        return visit_all(some_hosts, key, "true", spec(**(limits or {})), **hooks)

    return run


class ReadyWorker(WorkerProcess):
    """A second process that is waited for, so that it has its share of a few nodes too."""

    visits = 0
    started = ()

    def __init__(self, setup):
        super().__init__(setup)
        ReadyWorker.started += (self,)
        deadline = time.monotonic() + 30
        while not self.ready and time.monotonic() < deadline:
            self._threads[1].join(0.02)
        assert self.ready

    def visit(self, host):
        ReadyWorker.visits += 1
        return super().visit(host)


@pytest.fixture(params=[1, 2])
def processes(request, monkeypatch):
    """One process, or a second one that must have had visits, and must have ended after them."""
    ReadyWorker.visits, ReadyWorker.started = 0, ()
    monkeypatch.setattr("tasks.ssh.lanes.WorkerProcess", ReadyWorker)
    yield request.param
    assert bool(ReadyWorker.visits) == (request.param == 2)
    assert [worker._process.returncode for worker in ReadyWorker.started] == [0] * (request.param - 1)


@pytest.fixture
def hosts(servers):
    def make(count, handler=None):
        node = servers.ssh(handler)
        return node, [node.host(f"tvm-{number}") for number in range(count)]

    return make


def test_every_host_has_its_answer_in_order(hosts, go, users, processes):
    """Whatever the way, an answer for each host in their order, and users made and removed for each."""
    _, all_hosts = hosts(25)
    told = []
    answers = go(
        all_hosts,
        on_answer=lambda answer: told.append((answer.node_id, threading.current_thread())),
        processes=processes,
    )
    assert [answer.node_id for answer in answers] == [host.node_id for host in all_hosts]
    assert {answer.output for answer in answers} == {b"sudo -n sh -s\ntrue"}
    assert [answer for answer in answers if answer.failure or answer.clean_up_failure] == []
    assert sorted(users.made) == sorted(users.removed) == sorted(host.node_id for host in all_hosts)
    assert sorted(node for node, _ in told) == sorted(users.made)
    assert {thread for _, thread in told} == {threading.current_thread()}


def test_no_host_is_no_work(go):
    """An empty pool has no answers."""
    assert go([]) == []


def test_a_bad_host_fails_alone(servers, go, users, processes):
    """The others are answered; the user of the bad one is removed like theirs."""
    good, other = servers.ssh(), servers.ssh()
    some = [good.host("a"), good.host("b", host_keys=other.host_keys), good.host("c"), good.host("d")]
    answers = go(some, processes=processes)
    assert [answer.failure and answer.failure.code for answer in answers] == [None, "ssh-host-key-changed", None, None]
    assert sorted(users.removed) == ["a", "b", "c", "d"]


def test_a_preparation_may_complete_the_host(hosts, go, users):
    """Address and keys found out in preparing are those of the visit; cleaning up gets the host as given."""
    _, (known,) = hosts(1)
    unknown = replace(known, port=1, host_keys=())
    removed = []
    (answer,) = go([unknown], prepare=lambda _: known, clean_up=removed.append)
    assert (answer.failure, removed) == (None, [unknown])


@pytest.mark.parametrize(
    ("error", "code"), [(Problem("node-user-refused", what="no"), "node-user-refused"), (OSError("x"), "visit-broke")]
)
def test_a_preparation_that_fails(hosts, go, users, error, code):
    """The node is not visited, and cleaned up all the same: the user may have been made before the error."""
    node, all_hosts = hosts(2)

    def make(host):
        users.make(host)
        if host.node_id == "tvm-0":
            raise error

    answers = go(all_hosts, prepare=make)
    assert [answer.failure and answer.failure.code for answer in answers] == [code, None]
    assert (answers[0].attempts, len(node.connections)) == (0, 1)
    assert sorted(users.removed) == ["tvm-0", "tvm-1"]


@pytest.mark.parametrize(
    ("error", "code"), [(Problem("node-user-left", what="no"), "node-user-left"), (OSError("gone"), "visit-broke")]
)
def test_a_clean_up_that_fails_is_told_beside_the_answer(hosts, go, error, code):
    """The answer stays, with the failure next to it."""
    _, all_hosts = hosts(1)

    def remove(_host):
        raise error

    (answer,) = go(all_hosts, clean_up=remove)
    assert (answer.output, answer.failure) == (b"sudo -n sh -s\ntrue", None)
    assert answer.clean_up_failure.code == code


def test_no_more_hosts_at_a_time_than_allowed(hosts, go):
    """The limit holds for preparing, visiting and cleaning up together."""
    inside, most, lock = set(), [0], threading.Lock()

    def enter(host):
        with lock:
            inside.add(host.node_id)
            most[0] = max(most[0], len(inside))

    def leave(host):
        with lock:
            inside.remove(host.node_id)

    _, all_hosts = hosts(30)
    go(all_hosts, {"in_flight": 4}, prepare=enter, clean_up=leave)
    assert 1 <= most[0] <= 4


@pytest.fixture
def cancelled_from_outside():
    """A signal's handler that raises in the main thread, as Prefect's does."""

    def cancel(_number, _frame):
        raise Cancelled

    before = signal.signal(signal.SIGUSR1, cancel)
    yield lambda: os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


def started_counter(goal, then):
    """A script that never ends; when *goal* of them run, *then* is called."""
    running = []

    async def never_ends(_process):
        running.append(1)
        if len(running) == goal:
            then()
        await asyncio.sleep(3600)

    return never_ends


def test_a_cancellation_leaves_no_user_behind(hosts, go, users, cancelled_from_outside, processes):
    """Raised in mid-visit: connections are hung up, no visit begins, each user is removed, the exception goes on."""
    node, all_hosts = hosts(12, started_counter(4, cancelled_from_outside))
    began = time.monotonic()
    with pytest.raises(Cancelled):
        go(
            all_hosts,
            {"in_flight": 4},
            processes=processes,
        )
    assert time.monotonic() - began < PROMPTLY
    assert sorted(users.removed) == sorted(users.made)
    assert len(users.made) == len(node.connections) == 4
    assert all(node.lost.acquire(timeout=PROMPTLY) for _ in range(4))


@pytest.fixture(params=["connection", "handshake", "pause"])
def stuck(request, servers):
    """A host that neither takes nor refuses the connection, sends no banner, or refuses and is to be asked again."""

    async def silent(reader, _writer):
        await reader.read()

    if request.param == "connection":
        return servers.ssh().host(port=request.getfixturevalue("vanishing_port"))
    if request.param == "handshake":
        return servers.raw(silent).host()
    return servers.ssh().host(port=request.getfixturevalue("refusing_port").getsockname()[1])


def test_a_cancellation_ends_every_wait(stuck, go, users, cancelled_from_outside):
    """Whatever a node lets one wait for, it does not hold up the cancellation."""
    stop = threading.Timer(0.3, cancelled_from_outside)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        go([stuck], {"start_up_attempts": 2, "retry_seconds": 300}, prepare=lambda _: stop.start())
    assert time.monotonic() - began < PROMPTLY
    assert users.removed == ["tvm-1"]


def test_clean_ups_that_fail_in_a_cancellation_are_noted(hosts, go, cancelled_from_outside):
    """The exception carries what could not be removed."""

    def refuse(host):
        raise Problem("node-user-left", what=f"{host.node_id}: the user is still there")

    _, all_hosts = hosts(3, started_counter(2, cancelled_from_outside))
    with pytest.raises(Cancelled) as caught:
        go(all_hosts, {"in_flight": 2}, clean_up=refuse)
    assert sorted(note.splitlines()[0] for note in caught.value.__notes__) == [
        "tvm-0: the user is still there [node-user-left]",
        "tvm-1: the user is still there [node-user-left]",
    ]


def test_an_error_in_the_progress_callback_stops_the_rest(hosts, go, users):
    """The caller's own error is not swallowed, and leaves no user either."""
    _, all_hosts = hosts(40)

    def show(_answer):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        go(
            all_hosts,
            {"in_flight": 2},
            on_answer=show,
        )
    assert sorted(users.removed) == sorted(users.made)
    assert len(users.made) < len(all_hosts)


def test_bound_to_one_core_or_not_the_answers_are_the_same(hosts, go):
    """The switch changes the speed alone."""
    _, all_hosts = hosts(5)
    answers = go(all_hosts, keep_to_cores=False)
    assert {answer.output for answer in answers} == {b"sudo -n sh -s\ntrue"}
