"""Visits by tasks of Batch: the same script and the same reading as over SSH, by a way that needs no inbound port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.spec import Channel, VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.parse import MAX_ANSWER_BYTES, parse_answer
from tasks.azure_api.server_time import ServiceClock
from tasks.channels.elevated import run_elevated
from tasks.channels.leftovers import JOB_PREFIX, without_users
from tasks.channels.values import Bounds, Ran, Work
from tasks.channels.visitor import Progress, counted


class TaskVisitor:
    """Visits nodes of one pool by an elevated task on each.

    *clock* tells the service's time, which *api*'s answers bring; *tell* hears of a job that could not be removed.
    """

    channel = Channel.TASK

    def __init__(  # noqa: PLR0917 - what a visit is made of
        self,
        api: BatchClient,
        clock: ServiceClock,
        pool: str,
        script: str,
        limits: VisitSpec,
        tell: Callable[[str], None],
    ) -> None:
        self._api = api
        self._clock = clock
        self._work = Work(pool, JOB_PREFIX, script)
        self._threads = limits.in_flight
        self._bounds = Bounds(limits.slot_timeout, limits.command_timeout, MAX_ANSWER_BYTES, limits.in_flight)
        self._tell = tell

    def visit(self, nodes: Sequence[NodeView], progress: Progress) -> dict[str, NodeVisit]:
        """What came of each node; where Batch takes no job, that is why none has an answer."""
        names = [node.node_id for node in nodes]
        on_ran = counted(len(names), progress)
        try:
            ran = run_elevated(self._api, self._clock, self._work, names, self._bounds, tell=self._tell, on_ran=on_ran)
        except Problem as problem:
            ran = {name: Ran(name, failure=problem) for name in names}
        visits = [_read(one) for one in ran.values()]
        with ThreadPoolExecutor(self._threads) as threads:
            done = threads.map(lambda visit: without_users(self._api, self._work.pool, visit), visits)
            return {visit.node_id: visit for visit in done}


def _read(ran: Ran) -> NodeVisit:
    if ran.failure:
        return NodeVisit(ran.node_id, failure=ran.failure, channel=Channel.TASK)
    try:
        report = parse_answer(ran.output)
    except Problem as problem:
        return NodeVisit(ran.node_id, failure=problem, channel=Channel.TASK)
    return NodeVisit(ran.node_id, report, span=ran.span, channel=Channel.TASK)
