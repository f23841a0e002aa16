"""The parent's side of a second process for visits."""

from __future__ import annotations

import itertools
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from tasks.ssh.orders import READY, Order, Setup
from tasks.ssh.values import Answer, Host

STOP_SECONDS = 5.0


class WorkerGoneError(Exception):
    """The process ended before it had answered."""


class WorkerProcess:
    """A process that visits nodes on order; any thread may order."""

    def __init__(self, setup: Setup) -> None:
        self._numbers = itertools.count()
        self._outbox: queue.SimpleQueue[Setup | Order | None] = queue.SimpleQueue()
        self._awaited: dict[int, Future[Answer]] = {}
        self._lock = threading.Lock()
        self._ready = self._gone = False
        self._outbox.put(setup)
        self._connection, theirs = Pipe()
        with theirs:
            self._process = _start(theirs)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    @property
    def ready(self) -> bool:
        """Whether it has started and not ended."""
        return self._ready and not self._gone

    def visit(self, host: Host) -> Answer:
        """The process's answer for the node.

        Raises: WorkerGoneError where the process has ended.
        """
        order = Order(next(self._numbers), host)
        future: Future[Answer] = Future()
        with self._lock:
            if self._gone:
                raise WorkerGoneError
            self._awaited[order.number] = future
        self._outbox.put(order)
        return future.result()

    def hang_up(self) -> None:
        """Have it end its visits and itself; whoever waits for one is told at once."""
        self._outbox.put(None)
        self._abandon()

    def stop(self) -> None:
        """End it, and wait for that."""
        if not self._ready:  # still loading its modules, nothing in its hands
            self._process.kill()
        self.hang_up()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()
        self._connection.close()

    def _send(self) -> None:
        try:
            while (message := self._outbox.get()) is not None:
                self._connection.send(message)
            self._connection.send(None)
        except OSError:
            return  # the process has ended, which the other thread sees and tells

    def _receive(self) -> None:
        try:
            self._ready = self._connection.recv() == READY
            while True:
                number, answer = self._connection.recv()
                with self._lock:
                    future = self._awaited.pop(number, None)
                if future:
                    future.set_result(answer)
        except (EOFError, OSError):
            return  # the process has ended
        finally:
            self._abandon()

    def _abandon(self) -> None:
        with self._lock:
            self._gone = True
            awaited, self._awaited = self._awaited, {}
        for future in awaited.values():
            future.set_exception(WorkerGoneError())


def _start(theirs: Connection) -> subprocess.Popen[bytes]:
    # it finds its modules where this process did, also in a flow that Prefect runs from a pulled folder
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tasks.ssh.worker", str(theirs.fileno())],
        pass_fds=(theirs.fileno(),),
        env=environment,
        stdin=subprocess.DEVNULL,
    )
