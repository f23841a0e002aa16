from __future__ import annotations

import os
import threading

import pytest

from tasks.ssh.cores import cores_for, thread_pool

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
