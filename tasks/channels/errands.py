"""The tasks of one job, each for a node: added, looked at all together, read, and added anew where they went astray."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.verdict.evidence import Span
from tasks.azure_api import task_jobs
from tasks.azure_api.server_time import ServiceClock
from tasks.azure_api.task_jobs import Order, TaskState
from tasks.channels import faults
from tasks.channels.carrier import COMMAND_LINE, answer, task_variables
from tasks.channels.values import Bounds, Ran

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between two looks at the job
LONGEST_REST = 15.0  # seconds before a task that went astray is added anew
OVERTIME_SECONDS = 30.0  # beyond the wall clock limit, for Batch to tell of its end


@dataclass
class Errand:
    """A node's task. *misses* counts those before it that went to other nodes, at last to *astray*."""

    node: str
    due: float
    began: datetime
    misses: int = 0
    astray: str = ""
    sent: bool = False
    running_since: float | None = None

    def task_id(self, number: int) -> str:
        """The task's name: unique in the job, and the same however often it has to be added."""
        return f"node-{number}-{self.misses}"


class Errands:
    """The errands of one job. *affinities*: what Batch calls each node of the pool, by node id."""

    def __init__(
        self,
        api: BatchClient,
        clock: ServiceClock,
        job: str,
        affinities: Mapping[str, str],
        bounds: Bounds,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._api = api
        self._clock = clock
        self._job = job
        self._affinities = affinities
        self._bounds = bounds
        self._sleep = sleep
        self._monotonic = monotonic
        self._open: dict[int, Errand] = {}
        self._ran: dict[str, Ran] = {}

    def run(self, nodes: Sequence[str], on_ran: Callable[[Ran], None]) -> dict[str, Ran]:
        """What came of each node, by id; *on_ran* is told as they come."""
        start = self._monotonic()
        self._open = {number: Errand(node, start, self._clock.now) for number, node in enumerate(nodes)}
        deadline, pause = start + self._bounds.wait_seconds, FIRST_PAUSE
        with ThreadPoolExecutor(self._bounds.in_flight) as threads:
            while True:
                late = self._monotonic() >= deadline
                self._end(self._as_far_as_it_goes(self._send, late=late), on_ran)
                look = partial(self._look, threads, late=late)
                self._end(self._as_far_as_it_goes(look, late=late), on_ran)
                if not self._open:
                    return self._ran
                self._sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 1.3)

    def _end(self, ended: Iterable[Ran], on_ran: Callable[[Ran], None]) -> None:
        for ran in ended:
            self._ran[ran.node_id] = ran
            on_ran(ran)
        self._open = {number: one for number, one in self._open.items() if one.node not in self._ran}

    def _as_far_as_it_goes(self, step: Callable[[], Iterable[Ran]], *, late: bool) -> list[Ran]:
        """What *step* brings. What Batch refuses for a while is asked again; else no more is known of any."""
        try:
            return list(step())
        except Problem as problem:
            if problem.passes and not late:
                return []
            return [Ran(errand.node, failure=problem) for errand in self._open.values()]

    def _send(self) -> Iterable[Ran]:
        """Add a task for each errand that is due; those that Batch does not take have failed."""
        now = self._monotonic()
        due = {number: one for number, one in self._open.items() if not one.sent and one.due <= now}
        for errand in due.values():
            errand.sent = True
        names = {errand.task_id(number): errand for number, errand in due.items()}
        orders = [
            Order(name, self._affinities[errand.node], task_variables(errand.node))
            for name, errand in names.items()
            if errand.node in self._affinities
        ]
        refused = self._added(orders)
        for name, errand in names.items():
            if errand.node not in self._affinities:
                yield Ran(errand.node, failure=faults.refused(errand.node, "the pool does not have the node any more"))
            elif name in refused:
                yield Ran(errand.node, failure=faults.refused(errand.node, refused[name]))

    def _added(self, orders: Sequence[Order]) -> Mapping[str, str]:
        if not orders:
            return {}
        limit = timedelta(seconds=self._bounds.run_seconds)
        return task_jobs.add(self._api, self._job, COMMAND_LINE, orders, limit)

    def _look(self, threads: ThreadPoolExecutor, *, late: bool) -> Iterable[Ran]:
        """One look at the whole job: what has come to its end since the last."""
        states = task_jobs.states(self._api, self._job)
        ended: list[tuple[Errand, TaskState]] = []
        for number, errand in self._open.items():
            state = states.get(errand.task_id(number))  # None also where Batch did not come to adding it
            if state and state.ended:
                ended.append((errand, state))
            elif failure := self._overdue(errand, state, late=late):
                yield Ran(errand.node, failure=failure)
        yield from (ran for ran in threads.map(lambda pair: self._outcome(*pair, late=late), ended) if ran)

    def _overdue(self, errand: Errand, state: TaskState | None, *, late: bool) -> Problem | None:
        """Why an errand is waited for no longer whose task has not ended, or None."""
        now, bounds = self._monotonic(), self._bounds
        if state is None or state.waits:
            errand.sent, errand.running_since = errand.sent and state is not None, None
            errand.began = self._clock.now
            return self._too_late(errand) if late else None
        errand.running_since = errand.running_since or now
        if now - errand.running_since <= bounds.run_seconds + OVERTIME_SECONDS:
            return None
        return faults.not_ended(errand.node, bounds.run_seconds)

    def _too_late(self, errand: Errand) -> Problem:
        if errand.misses:
            return faults.ran_elsewhere(errand.node, errand.astray, errand.misses)
        return faults.not_begun(errand.node, self._bounds.wait_seconds)

    def _outcome(self, errand: Errand, state: TaskState, *, late: bool) -> Ran | None:
        """What came of a task that has ended; None where it went to another node and is added anew."""
        node = errand.node
        if state.node_id and state.node_id != node:
            errand.misses, errand.astray = errand.misses + 1, state.node_id
            if late:
                return Ran(node, failure=self._too_late(errand))
            errand.sent, errand.due = False, self._monotonic() + min(LONGEST_REST, 2.0 ** (errand.misses - 2))
            return None
        try:
            output = answer(self._api, self._job, node, state, self._bounds)
        except Problem as problem:
            return Ran(node, failure=problem)
        return Ran(node, output, span=Span(errand.began, self._clock.now))
