"""Visits to all nodes of a pool, side by side."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from batchcert.problems import Problem
from batchcert.spec.visit import VisitSpec
from tasks.ssh import faults
from tasks.ssh.brake import Brake
from tasks.ssh.cores import cores_for, processes_for, thread_pool
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.lanes import Lanes, lanes
from tasks.ssh.values import Answer, Host, Limits

Hook = Callable[[Host], None]
Prepare = Callable[[Host], Host | None]

TICK = 0.5  # seconds for which an exception that another thread raises in this one may go unseen


def nothing(_: object) -> None:
    """Do nothing: the hook that was left out."""


def visit_all(
    hosts: Sequence[Host],
    key: EphemeralKey,
    script: str,
    limits: VisitSpec,
    *,
    prepare: Prepare = nothing,
    clean_up: Hook = nothing,
    on_answer: Callable[[Answer], None] = nothing,
    keep_to_cores: bool = True,
    processes: int | None = None,
) -> list[Answer]:
    """Run *script* as root on every host, *limits.in_flight* at a time; an answer for each, in their order.

    *prepare* makes a node ready just before its visit (creates its user, say); it may return a host to visit in place
    of the given one, with the address and keys that it found. *clean_up* takes that back just after. It is called once
    for each host whose *prepare* began, with the host as given, however *prepare* and the visit ended. Both run in
    threads of this process, for several hosts at a time; what they raise is in the host's answer. *on_answer* is told
    each answer as it comes, in the calling thread.

    *keep_to_cores* binds the threads of each process to one core (Linux only), which halves the cost of a visit;
    switch it off on a machine whose cores others keep busy. *processes* counts this one; None takes a second one from
    200 hosts on.

    An exception raised in the calling thread (Prefect's cancellation, Ctrl-C, an error in *on_answer*) stops it all:
    no further visit begins, connections are hung up, what was prepared is cleaned up. Then the exception goes on its
    way, with a note for each clean-up that failed.
    """
    brake = Brake()
    cores = cores_for(processes or processes_for(len(hosts)), keep_to_cores=keep_to_cores)
    answered: queue.SimpleQueue[Future[Answer]] = queue.SimpleQueue()
    futures: list[Future[Answer]] = []
    with (
        lanes(key, script, Limits.of(limits), brake, cores) as ways,
        thread_pool(limits.in_flight, cores[0]) as pool,
        _stopping_on_error(brake, pool, futures),
    ):
        for host in hosts:
            future = pool.submit(_visit_one, host, ways, prepare, clean_up, brake)
            futures.append(future)
            future.add_done_callback(answered.put)
        for _ in futures:
            on_answer(_next(answered).result())
        return [future.result() for future in futures]


def _visit_one(host: Host, ways: Lanes, prepare: Prepare, clean_up: Hook, brake: Brake) -> Answer:
    if brake.pulled:
        return Answer(host.node_id, failure=faults.stopped(host))
    clean_up_failure = None
    try:
        answer = _prepared_and_visited(host, ways, prepare)
    finally:
        try:
            clean_up(host)
        except Exception as error:  # noqa: BLE001 - told beside the node's answer; the other nodes go on
            clean_up_failure = _told(error, host, "the cleaning up")
    return replace(answer, clean_up_failure=clean_up_failure)


def _prepared_and_visited(host: Host, ways: Lanes, prepare: Prepare) -> Answer:
    try:
        ready = prepare(host) or host
    except Exception as error:  # noqa: BLE001 - told in the node's answer; the other nodes go on
        return Answer(host.node_id, failure=_told(error, host, "the preparation"))
    return ways.visit(ready)


def _told(error: Exception, host: Host, doing: str) -> Problem:
    return faults.detached(error if isinstance(error, Problem) else faults.unexpected(host, doing, error))


def _next(answered: queue.SimpleQueue[Future[Answer]]) -> Future[Answer]:
    while True:
        try:
            return answered.get(timeout=TICK)
        except queue.Empty:
            continue


@contextmanager
def _stopping_on_error(brake: Brake, pool: ThreadPoolExecutor, futures: Sequence[Future[Answer]]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        brake.pull()
        pool.shutdown(wait=True)
        for future in futures:
            if not future.exception() and (left := future.result().clean_up_failure):
                error.add_note(str(left))
        raise
