"""Visits over SSH: to each of some nodes, from where its SSH is to what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.spec import Channel, VisitSpec
from batchcert.verdict.evidence import NodeView, Span
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.host_keys import output_unread, parse_host_keys
from batchcert.visit.parse import parse_answer
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import users
from tasks.azure_api.server_time import ServiceClock
from tasks.channels.leftovers import without_users
from tasks.channels.visitor import Progress, counted
from tasks.ssh.fan_out import visit_all
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Answer, Host

NODE_USER = "batchcert"
"""The same in every run, so that one which an interrupted run left is taken over and removed. script.sh tells of every
account whose name begins so; those that are not this run's go, too."""

USER_LIFETIME = timedelta(days=1)  # Batch's shortest on Linux

Given = TypeVar("Given")
Made = TypeVar("Made")


class SshVisitor:
    """Visits nodes of one pool over SSH, with a key and a user of its own for each round.

    *clock* tells the service's time, which *api*'s answers bring. *script* is for root's shell on each node.
    """

    channel = Channel.SSH

    def __init__(self, api: BatchClient, clock: ServiceClock, pool: str, script: str, limits: VisitSpec) -> None:
        self._api = api
        self._clock = clock
        self._pool = pool
        self._limits = limits
        self._script = script
        self._begun: dict[str, datetime] = {}
        self._ended: dict[str, datetime] = {}

    def visit(self, nodes: Sequence[NodeView], progress: Progress) -> dict[str, NodeVisit]:
        """What came of each node, by its id, however it went; *progress* hears of those that can be connected to."""
        found = self._all(self._find, nodes)
        hosts = [host for host in found if isinstance(host, Host)]
        key, expires = EphemeralKey.generate(), self._clock.now + USER_LIFETIME

        def prepare(host: Host) -> None:
            users.put(self._api, self._pool, host.node_id, host.user, public_key=key.public_line, expires=expires)
            self._begun[host.node_id] = self._clock.now

        answers = visit_all(
            hosts,
            key,
            self._script,
            self._limits,
            prepare=prepare,
            clean_up=self._clean_up,
            on_answer=counted(len(hosts), progress),
        )
        visits = [*(visit for visit in found if isinstance(visit, NodeVisit)), *map(self._read, answers)]
        return {visit.node_id: visit for visit in self._all(self._without_leftovers, visits)}

    def _all(self, do: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
        with ThreadPoolExecutor(self._limits.in_flight) as threads:
            return list(threads.map(do, given))

    def _find(self, node: NodeView) -> Host | NodeVisit:
        """Where the node's SSH is and which host keys it has, or why that is not known."""
        try:
            keys = self._host_keys(node.node_id)
            login = batch_nodes.remote_login(self._api, self._pool, node.node_id)
        except Problem as problem:
            return NodeVisit(node.node_id, failure=problem)
        return Host(node.node_id, login.address, login.port, NODE_USER, keys)

    def _host_keys(self, node: str) -> tuple[str, ...]:
        try:
            output = batch_nodes.read_file(self._api, self._pool, node, batch_nodes.START_TASK_OUTPUT)
        except Problem as refusal:
            raise output_unread(refusal, node=node) from None
        return parse_host_keys(output, node=node)

    def _clean_up(self, host: Host) -> None:
        try:
            users.remove(self._api, self._pool, host.node_id, host.user)
        finally:
            self._ended[host.node_id] = self._clock.now

    def _read(self, answer: Answer) -> NodeVisit:
        visit = NodeVisit(answer.node_id, failure=answer.failure, left_behind=answer.clean_up_failure)
        if answer.failure:
            return visit
        try:
            report = parse_answer(answer.output)
        except Problem as problem:
            return replace(visit, failure=problem)
        return replace(visit, report=report, span=Span(self._begun[answer.node_id], self._ended[answer.node_id]))

    def _without_leftovers(self, visit: NodeVisit) -> NodeVisit:
        return without_users(self._api, self._pool, visit, keep=NODE_USER)
