"""How far a node has come that was told to start anew."""

from __future__ import annotations

from enum import Enum

from batchcert.problems import Problem
from batchcert.repair.steps import Repair
from batchcert.repair.whys import Why
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.node import BROKEN, COMING_UP, VISITABLE
from batchcert.visit.text import one_line


class Coming(Enum):
    """Where it is; the value is how much of the way lies behind it, in percent."""

    NOT_BEGUN = 0
    ON_ITS_WAY = 50
    UP = 100
    LOST = 101
    """It will not come up by waiting."""

    @property
    def percent(self) -> float:
        """How much of the way lies behind it."""
        return float(min(self.value, 100))


def coming_up(before: NodeView, now: NodeView | None, *, begun: bool = False) -> Coming:
    """How far the node is that was *before* when it was told; *begun*: whether it was seen on its way since.

    A boot since then is told by the time of the last one, where Batch tells that.
    """
    if now is None or now.state in BROKEN:
        return Coming.LOST
    if now.state in COMING_UP:
        return Coming.ON_ITS_WAY
    if now.state not in VISITABLE:
        return Coming.LOST
    return Coming.UP if begun or now.booted_at != before.booted_at else Coming.NOT_BEGUN


def not_up_in_time(repair: Repair, node: NodeView | None, minutes: float) -> Problem:
    """The node did not come up, with what Batch says of it."""
    state = f"is {node.state}" if node else "has left the pool"
    errors = one_line("; ".join(node.errors), 400) if node else ""
    waited = f" after {minutes:g} minutes" if node and node.state not in BROKEN else ""
    return Why.NOT_UP.problem(
        f"node {repair.node} was to {repair.step} and {state}{waited}{f': {errors}' if errors else ''}"
    )
