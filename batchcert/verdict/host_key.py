"""A host key that changed: a reimage, by the node's own times, or somebody else at its address.

The times are Batch's, told over its authenticated API: whoever answers at the address has no say in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from batchcert.problems import Problem
from batchcert.verdict.evidence import Evidence, NodeView
from batchcert.verdict.finding import Finding
from batchcert.verdict.node import COMING_UP_LIMIT, VISITABLE
from batchcert.verdict.reasons import Reason
from batchcert.verdict.words import moment
from batchcert.visit.text import one_line

CHANGED = "ssh-host-key-changed"


def come_up_anew(
    before: Iterable[NodeView], now: Iterable[NodeView], failures: Mapping[str, Problem | None]
) -> list[NodeView]:
    """The nodes that let no visit in, and that came up anew between their listings *before* and *now*.

    Their start tasks have told new keys by now, so they can be visited again. *failures*: why each visit failed.
    """
    times = {node.node_id: _times(node) for node in before}
    return [
        node
        for node in now
        if node.state in VISITABLE
        and _kept_out(failures.get(node.node_id))
        and _times(node) != times.get(node.node_id, _times(node))
    ]


def node_reimaged(seen: Evidence, now: datetime) -> Finding | None:
    """The host key changed, and the node's start task has not run since it was booted: what is known are older keys.

    That excuses nothing for longer than a start task may take.
    """
    failure, booted, told = seen.failure, seen.node.booted_at, seen.node.start_task_at
    if failure is None or failure.code != CHANGED or booted is None or told is None:
        return None
    if told >= booted or now - booted > COMING_UP_LIMIT:
        return None
    return Reason.NODE_REIMAGED.finding(
        f"{one_line(failure.what)}; the node was booted at {moment(booted)}, after its start task told the keys at "
        f"{moment(told)}"
    )


def _times(node: NodeView) -> tuple[datetime | None, datetime | None]:
    return node.booted_at, node.start_task_at


def _kept_out(failure: Problem | None) -> bool:
    return failure is not None and failure.code.startswith("ssh-")
