from __future__ import annotations

import os
import threading

import pytest

from tasks.ssh.cores import SECOND_PROCESS_FROM, cores_for, processes_for, thread_pool

linux = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux binds threads to cores")


@linux
def test_the_threads_and_those_they_start_keep_to_the_core():
    """A pool thread, and a transport's thread started from it, run on one core; the caller does not."""
    before = os.sched_getaffinity(0)
    (core,) = cores_for(1, keep_to_cores=True)
    seen = []

    def look():
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
        seen.append(os.sched_getaffinity(0))

    with thread_pool(2, core) as pool:
        pool.submit(look).result(10)
    assert seen == [{core}, {core}]
    assert os.sched_getaffinity(0) == before


@linux
def test_processes_take_different_cores_while_there_are_any():
    """Each process has its own core; one more than there are starts again."""
    usable = len(os.sched_getaffinity(0))
    cores = cores_for(usable + 1, keep_to_cores=True)
    assert len(set(cores[:usable])) == usable
    assert cores[usable] == cores[0]


def test_switched_off_threads_run_anywhere():
    """On a machine whose cores others keep busy, nothing is bound."""
    assert cores_for(2, keep_to_cores=False) == (None, None)
    if hasattr(os, "sched_getaffinity"):
        with thread_pool(1, None) as pool:
            assert pool.submit(os.sched_getaffinity, 0).result(10) == os.sched_getaffinity(0)


@linux
def test_a_core_that_is_taken_away_does_not_matter():
    """Threads that cannot be bound still work."""
    with thread_pool(1, 100_000) as pool:
        assert pool.submit(lambda: "works").result(10) == "works"


@linux
@pytest.mark.parametrize(
    ("hosts", "cores", "processes"),
    [
        (0, {0, 1}, 1),
        (SECOND_PROCESS_FROM - 1, {0, 1}, 1),
        (SECOND_PROCESS_FROM, {0, 1}, 2),
        (10_000, {0, 1, 2, 3}, 2),
        (10_000, {5}, 1),
    ],
)
def test_a_second_process_from_many_hosts_on(monkeypatch, hosts, cores, processes):
    """Where there is a second core for it."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    assert processes_for(hosts) == processes
