"""The tasks of one job, each for a node: added, looked at all together, read, and added anew where they went astray."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.verdict.evidence import Span
from tasks.azure_api import task_jobs
from tasks.azure_api.server_time import ServiceClock
from tasks.azure_api.task_jobs import Order, TaskState
from tasks.channels import faults
from tasks.channels.values import Bounds, Ran

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between two looks at the job
LONGEST_REST = 15.0  # seconds before a task that went astray is added anew
OVERTIME_SECONDS = 30.0  # beyond the wall clock limit, for Batch to tell of its end

_NODE, _SCRIPT = "BATCHCERT_NODE", "BATCHCERT_SCRIPT"
_GREETING = "batchcert-node"
_ERRORS = 4096  # bytes of stderr.txt
COMMAND_LINE = (
    f"""/bin/sh -c 'printf "{_GREETING} %s\\n" "$AZ_BATCH_NODE_ID"; """
    f"""[ "$AZ_BATCH_NODE_ID" = "${_NODE}" ] || exit 0; """
    f"""printf %s "${_SCRIPT}" | (unset {_SCRIPT}; exec /bin/sh -s)'"""
)
"""Batch runs command lines without a shell. On another node than its own the task ends at once, and well."""


@dataclass
class Errand:
    """A node's task. *tries* counts those that were added, *misses* those that went to others, at last to *astray*."""

    node: str
    due: float
    began: datetime
    tries: int = 0
    misses: int = 0
    astray: str = ""
    sent: bool = False
    running_since: float | None = None

    def task_id(self, number: int) -> str:
        """Its newest task's name: unique in the job."""
        return f"node-{number}-{self.tries}"


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

    @staticmethod
    def variables(script: str) -> dict[str, str]:
        """What all tasks of the job have in their environment."""
        return {_SCRIPT: script}

    def run(self, nodes: Sequence[str], on_ran: Callable[[Ran], None]) -> dict[str, Ran]:
        """What came of each node, by id; *on_ran* is told as they come."""
        start = self._monotonic()
        self._open = {number: Errand(node, start, self._clock.now) for number, node in enumerate(nodes)}
        deadline, pause = start + self._bounds.wait_seconds, FIRST_PAUSE
        with ThreadPoolExecutor(self._bounds.in_flight) as threads:
            while self._open:
                ended = [*self._send(), *self._look(threads, late=self._monotonic() >= deadline)]
                for ran in ended:
                    self._ran[ran.node_id] = ran
                    on_ran(ran)
                self._open = {number: one for number, one in self._open.items() if one.node not in self._ran}
                if self._open:
                    self._sleep(pause)
                    pause = min(LONGEST_PAUSE, pause * 1.3)
        return self._ran

    def _send(self) -> Iterable[Ran]:
        """Add a task for each errand that is due; those that Batch does not take have failed."""
        now = self._monotonic()
        due = {number: one for number, one in self._open.items() if not one.sent and one.due <= now}
        for errand in due.values():
            errand.tries, errand.sent = errand.tries + 1, True
        names = {errand.task_id(number): errand for number, errand in due.items()}
        orders = [
            Order(name, self._affinities[errand.node], {_NODE: errand.node})
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
            state = states.get(errand.task_id(number))
            if errand.sent and state and state.ended:
                ended.append((errand, state))
            elif failure := self._overdue(errand, state, late=late):
                yield Ran(errand.node, failure=failure)
        yield from (ran for ran in threads.map(lambda pair: self._outcome(*pair, late=late), ended) if ran)

    def _overdue(self, errand: Errand, state: TaskState | None, *, late: bool) -> Problem | None:
        """Why an errand is waited for no longer whose task has not ended, or None."""
        now, bounds = self._monotonic(), self._bounds
        if state is None or state.waits or not errand.sent:
            errand.running_since = None
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
            return self._read(errand, state)
        except Problem as problem:
            return Ran(node, failure=problem)

    def _read(self, errand: Errand, state: TaskState) -> Ran:
        node, bounds = errand.node, self._bounds
        if state.exit_code is None:
            too_long = state.lasted and state.lasted.total_seconds() >= bounds.run_seconds
            bad = faults.not_ended(node, bounds.run_seconds) if too_long else faults.failed(node, state.failure)
            return Ran(node, failure=bad)
        if state.exit_code:
            errors = task_jobs.output(self._api, self._job, state.task_id, "stderr.txt", _ERRORS)
            return Ran(node, failure=faults.failed(node, f"its exit code is {state.exit_code}", errors))
        greeting = f"{_GREETING} {node}\n".encode()
        whole = task_jobs.output(self._api, self._job, state.task_id, "stdout.txt", bounds.most_bytes + len(greeting))
        if not whole.startswith(greeting):
            return Ran(node, failure=faults.not_the_node(node, whole))
        return Ran(node, whole[len(greeting) :], span=Span(errand.began, self._clock.now))
