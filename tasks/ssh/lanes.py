"""The ways a visit can go: in this process, or in others that work beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from tasks.ssh.brake import Brake
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.orders import Setup
from tasks.ssh.processes import WorkerGoneError, WorkerProcess
from tasks.ssh.values import Answer, Host, Limits
from tasks.ssh.visit import visit


class Lanes:
    """Sends each visit where the fewest are under way."""

    def __init__(self, here: Callable[[Host], Answer], workers: list[WorkerProcess]) -> None:
        self._here = here
        self._lock = threading.Lock()
        self._under_way: dict[WorkerProcess | None, int] = dict.fromkeys([None, *workers], 0)

    def visit(self, host: Host) -> Answer:
        """The host's answer. A worker that was killed is replaced by this process: the script only reads."""
        worker = self._enter()
        try:
            return worker.visit(host) if worker else self._here(host)
        except WorkerGoneError:
            return self._here(host)
        finally:
            with self._lock:
                self._under_way[worker] -= 1

    def _enter(self) -> WorkerProcess | None:
        with self._lock:
            # a worker takes a moment to start: until then nobody waits for it
            open_lanes = [worker for worker in self._under_way if not worker or worker.ready]
            worker = min(open_lanes, key=self._under_way.__getitem__)
            self._under_way[worker] += 1
            return worker


@contextmanager
def lanes(
    key: EphemeralKey, script: str, limits: Limits, brake: Brake, cores: tuple[int | None, ...]
) -> Iterator[Lanes]:
    """A lane for each of *cores*: the first is this process, the others have one of their own that keeps to its core.

    The processes end with the context.
    """
    here = partial(visit, key=key, script=script, limits=limits, brake=brake)
    with ExitStack() as stack:
        workers = []
        for core in cores[1:]:
            worker = WorkerProcess(Setup(key.seed(), script, limits, core))
            stack.callback(worker.stop)
            stack.enter_context(brake.holding(worker))
            workers.append(worker)
        yield Lanes(here, workers)
