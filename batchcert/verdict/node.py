"""Checks on the node itself: what Batch says of it, and how the visit went."""

from __future__ import annotations

from datetime import datetime, timedelta

from batchcert.verdict.evidence import UP, Evidence
from batchcert.verdict.finding import Finding, Verdict
from batchcert.verdict.reasons import Reason
from batchcert.verdict.trail import known_behind, trail
from batchcert.verdict.words import lasting
from batchcert.visit.text import one_line

# The sixteen states of a compute node are those of Batch's REST API 2025-06-01, ComputeNodeState.
LEAVING = frozenset({"leavingpool", "preempted", "deallocating", "deallocated"})
COMING_UP = frozenset({"creating", "starting", "waitingforstarttask", "rebooting", "reimaging", "upgradingos"})
VISITABLE = UP
BROKEN = {"unusable": Reason.NODE_UNUSABLE, "starttaskfailed": Reason.NODE_START_TASK_FAILED}

COMING_UP_LIMIT = timedelta(minutes=30)
"""How long a node may be coming up, however short the tolerance: twice Batch's usual resize timeout."""


def node_leaving(seen: Evidence, _now: datetime) -> Finding | None:
    """A node on its way out is not judged."""
    if seen.node.state not in LEAVING:
        return None
    return Reason.NODE_LEAVING.finding(f"the node is {seen.node.state}")


def node_broken(seen: Evidence, _now: datetime) -> Finding | None:
    """Batch gave the node up; where its errors quote the extension, the extension's cause is the cause."""
    reason = BROKEN.get(seen.node.state)
    if reason is None:
        return None
    errors = one_line("; ".join(seen.node.errors), 400) or "Batch names no error"
    return reason.finding(trail(seen, f"the node is {seen.node.state}: {errors}"), **known_behind(seen)._asdict())


def node_not_up(seen: Evidence, now: datetime) -> Finding | None:
    """A node that no visit can enter: pending for a time where it is coming up, unreachable otherwise."""
    state = seen.node.state
    if seen.report is not None or state in VISITABLE:
        return None
    if state == "offline":
        return Reason.NODE_OFFLINE.finding("the node is offline")
    if state not in COMING_UP:
        return Reason.NODE_LOST.finding(f"the node's state is {one_line(state, 40) or 'not told'}")
    since = seen.node.state_since or seen.node.allocated_at
    if since is None:
        return Reason.NODE_STARTING.finding(f"the node is {state}")
    waiting = now - since
    words = f"the node has been {state} for {lasting(waiting)}"
    if waiting <= max(COMING_UP_LIMIT, seen.tolerance):
        return Reason.NODE_STARTING.finding(words)
    return Reason.NODE_NOT_READY.finding(trail(seen, words), **known_behind(seen)._asdict())


def visit_failed(seen: Evidence, _now: datetime) -> Finding | None:
    """The visit found no way in (*unreachable*), or what it got is no answer (*failed*)."""
    failure = seen.failure
    if failure is None:
        return None
    verdict = Verdict.FAILED if failure.code.startswith("visit-") else Verdict.UNREACHABLE
    return Finding(verdict, failure.code, one_line(failure.what), failure.cause, failure.cure)


def not_visited(seen: Evidence, _now: datetime) -> Finding | None:
    """Nobody was there."""
    if seen.report is not None:
        return None
    return Reason.NOT_VISITED.finding(f"the node is {seen.node.state} and was not visited")
