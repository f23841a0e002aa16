"""What happens to one node: it is created, restarted, deallocated, preempted, leaves.

Source: "Nodes and pools in Azure Batch"; Compute Node Reboot, Reimage, Deallocate and Start in the Batch service REST
reference; "Use Spot VMs with Batch workloads".
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.batch.fleet.boots import REBOOT, REIMAGE, START, Boots
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.fleet.node_states import TRANSITIONAL, NodeStates
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool

_LEAVE, _DEALLOCATE, _PREEMPT = "batch.node.leave", "batch.node.deallocate", "batch.node.preempt"
ON_THE_WAY = {"leave": "leavingpool", "reboot": "rebooting", "reimage": "reimaging", "deallocate": "deallocating"}
"""The state of a node while each of these goes on."""
_DOWN = ("preempted", "deallocated")


class Lifecycle:
    """Moves nodes from state to state, as events of the clock.

    *node_time*: how long a node takes from `creating` to its start task; half of it passes before it starts.
    """

    def __init__(self, state: BatchState, clock: Clock, fleet: Fleet, node_time: timedelta) -> None:
        self._clock = clock
        self._fleet = fleet
        self._half = node_time / 2
        self.states = NodeStates(state, clock)
        self._boots = Boots(clock, fleet, self.states, self._half)
        clock.on(_LEAVE, self._leave)
        clock.on(_DEALLOCATE, self._deallocate)
        clock.on(_PREEMPT, self._preempt)

    def create(self, account: Account, pool: Pool, *, dedicated: bool) -> Node:
        """Take a new node into the pool; it starts by itself."""
        now = self._clock.now()
        suffix = "d" if dedicated else "p"
        node = Node(
            id=f"tvmps_{secrets.token_hex(32)}_{suffix}",
            index=pool.next_index,
            dedicated=dedicated,
            state="creating",
            state_since=now,
            allocated=now,
        )
        pool.next_index += 1
        pool.add(node)
        self.states.next(START, self._half, account, pool, node)
        return node

    def go(self, what: str, account: Account, pool: Pool, node: Node) -> None:
        """Let *node* leave the pool (its disk goes too), reboot (users stay), reimage or deallocate; see `ON_THE_WAY`.

        Its tasks have been dealt with.
        """
        event = {"leave": _LEAVE, "reboot": REBOOT, "reimage": REIMAGE, "deallocate": _DEALLOCATE}[what]
        node.awaiting = ""
        self.states.begin(event, self._half, (account, pool, node), ON_THE_WAY[what])

    def start(self, account: Account, pool: Pool, node: Node) -> None:
        """Start a deallocated or preempted *node*."""
        state = "creating" if node.state == "preempted" else "starting"
        self.states.begin(START, self._half, (account, pool, node), state)

    def preempt(self, account: Account, pool: Pool, node: Node) -> None:
        """Azure takes the machine of a Spot node away, without notice; the node stays in the pool."""
        node.awaiting = ""
        self.states.begin(_PREEMPT, timedelta(0), (account, pool, node), "preempted")

    async def resume(self, account: Account, pool: Pool, node: Node) -> None:
        """Bring *node* back after a restart of the process, as it was; what was under way begins again."""
        found = (account, pool, node)
        node.running.clear()
        node.awaiting = ""
        if node.state in {"leavingpool", "deallocating"}:
            self.go("leave" if node.state == "leavingpool" else "deallocate", *found)
        elif node.state in _DOWN:
            node.booted = False
        elif node.state in TRANSITIONAL or not node.booted:
            self.states.begin(START, self._half, found, "creating" if node.state == "creating" else "starting")
        else:
            self.states.settle(*found)
            await self._boots.again(found)

    async def _leave(self, *names: str) -> None:
        if (found := self.states.find(*names)) is None:
            return
        account, pool, node = found
        try:
            async with self._fleet.hold(account, pool, node):
                node.booted = False
                await self._fleet.close(account, pool, node)
        finally:  # a disk that resists is no reason to keep a pool from going
            self._fleet.let_go(account, pool, node)
            pool.remove(node)
            self.states.tell(account, pool, node)

    async def _deallocate(self, *names: str) -> None:
        if found := self.states.find(*names):
            async with self._fleet.hold(*found):
                found[2].booted = False
                await self._fleet.stop(*found)
            if self.states.find(*names):
                self.states.move(*found, "deallocated")

    async def _preempt(self, *names: str) -> None:
        if found := self.states.find(*names):
            await self._boots.wipe(found)
