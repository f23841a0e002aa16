"""Nodes go from state to state, and whoever needs to know hears of it.

Source: the node states of the Batch service REST reference (ComputeNodeState; deallocating and deallocated from
BatchNodeState of azure-batch 15.1).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.nodes import Node, NodeError
from local_azure.services.batch.state.pools import Pool

UP = ("idle", "running", "offline")
TRANSITIONAL = ("creating", "starting", "rebooting", "reimaging", "waitingforstarttask")

Found = tuple[Account, Pool, Node]


class NodeStates:
    """Moves nodes; what falls due later for one is an event of the clock that bears its epoch.

    Those in *on_change* are called after each move; *on_failure* with the errors of a node that became unusable.
    """

    def __init__(self, state: BatchState, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self.on_change: list[Callable[[Account, Pool, Node], None]] = []
        self.on_failure: Callable[[Pool, Node, NodeError], None] = lambda _pool, _node, _error: None

    def move(self, account: Account, pool: Pool, node: Node, state: str) -> None:
        """Bring *node* into *state*; one that is up is idle, running or offline as its tasks and scheduling make it."""
        pool.move(node, _at_rest(node) if state in UP else state, self._clock.now())
        self.tell(account, pool, node)

    def settle(self, account: Account, pool: Pool, node: Node) -> None:
        """Look at a node whose tasks or scheduling have changed; one that is not up stays as it is."""
        if node.state in UP and node.state != _at_rest(node):
            self.move(account, pool, node, node.state)

    def fail(self, account: Account, pool: Pool, node: Node, *errors: NodeError) -> None:
        """Let *node* be unusable, for these reasons."""
        node.errors = list(errors)
        for error in errors:
            self.on_failure(pool, node, error)
        self.move(account, pool, node, "unusable")

    def tell(self, account: Account, pool: Pool, node: Node) -> None:
        """Let everybody hear that something has changed on *node*."""
        for listener in self.on_change:
            listener(account, pool, node)

    def begin(self, event: str, after: timedelta, found: Found, state: str) -> None:
        """Bring a node into *state*, of which *event* is the end; what was under way before counts no more."""
        found[2].epoch += 1
        self.move(*found, state)
        self.next(event, after, *found)

    def next(self, event: str, after: timedelta, account: Account, pool: Pool, node: Node) -> None:
        """Let *event* fall due for *node*, unless something else begins before."""
        names = (account.name.lower(), pool.name.lower(), node.id, str(node.epoch))
        self._clock.schedule(self._clock.now() + after, event, *names)

    def find(self, account: str, pool: str, node: str, epoch: str) -> Found | None:
        """Whom an event is about, or None where it no longer counts."""
        found_account = self._state.accounts.get(account)
        found_pool = found_account.pools.get(pool) if found_account else None
        found = found_pool.nodes.get(node) if found_pool else None
        if found_account is None or found_pool is None or found is None or str(found.epoch) != epoch:
            return None
        return found_account, found_pool, found


def _at_rest(node: Node) -> str:
    """The state of a node that is up; "offline" is one without tasks that is not to get any."""
    if node.running:
        return "running"
    return "idle" if node.scheduling == "enabled" else "offline"
