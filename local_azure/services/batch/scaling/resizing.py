"""How many nodes a pool has, and how it gets to how many it shall have.

Source: Pool Resize and Pool Stop Resize in the Batch service REST reference; resize error codes as in "Azure Batch
pool and node errors".
"""

from __future__ import annotations

import json

from local_azure.clock import Clock
from local_azure.services.batch.catalogue.skus import SIZES
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.fleet.node_states import UP
from local_azure.services.batch.jobs.clearing import Clearing
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.protocol.times import parse_duration
from local_azure.services.batch.scaling.mishaps import resize_failure
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.nodes import Node, NodeError
from local_azure.services.batch.state.pools import Pool, Resize, ResizeFailure
from local_azure.wire.faults import Faults

_DESIRED = {True: "Desired number of dedicated nodes", False: "Desired number of low priority nodes"}
UNSETTLED = ("creating", "starting", "leavingpool")


class Scaling:
    """Brings pools to their target, and lets those that are being deleted go once their last node has left."""

    def __init__(self, state: BatchState, clock: Clock, lifecycle: Lifecycle, clearing: Clearing) -> None:
        self.faults: Faults | None = None  # says which resizes fail
        self._state = state
        self._clock = clock
        self._lifecycle = lifecycle
        self._clearing = clearing
        lifecycle.states.on_change.append(self._node_changed)
        lifecycle.states.on_failure = self._note_failure
        clock.on("batch.pool.resize", self._apply)
        clock.on("batch.pool.timeout", self._time_out)
        clock.on("batch.pool.stopped", self._stopped)

    def begin(
        self,
        account: Account,
        pool: Pool,
        *,
        dedicated: int,
        low_priority: int,
        timeout: str,
        option: str,
        override: bool = False,
    ) -> None:
        """Set out for the given number of nodes.

        With *override* a resize under way takes the new targets. Raises: AzureError 409 while one is under way else.
        """
        if pool.allocation_state != "Steady" and not override:
            raise refusal("PoolBeingResized")
        now = self._clock.now()
        if not pool.nodes:
            pool.vm_identities = list(pool.identities)
        pool.resize = Resize(now, dedicated, low_priority, timeout, option)
        self._enter(pool, "Resizing")
        pool.epoch += 1
        names = (account.name.lower(), pool.name.lower(), str(pool.epoch))
        self._clock.schedule(now, "batch.pool.resize", *names)
        self._clock.schedule(now + parse_duration(timeout), "batch.pool.timeout", *names)

    def stop(self, account: Account, pool: Pool) -> None:
        """Leave the pool at the nodes it has got so far: `Stopping`, then `Steady`.

        Nodes that only wait for their tasks in order to leave stay. Raises: AzureError 409 where nothing is under way.
        """
        if pool.allocation_state != "Resizing" or pool.resize is None or pool.deleting:
            raise refusal("OperationInvalidForCurrentState")
        for node in [node for node in pool.nodes.values() if node.state == "creating"]:
            node.epoch += 1
            pool.remove(node)
        for node in list(pool.nodes.values()):
            self._clearing.stay(Host(account, pool, node))
        kept = [node for node in pool.nodes.values() if node.state != "leavingpool"]
        pool.resize.dedicated = sum(node.dedicated for node in kept)
        pool.resize.low_priority = len(kept) - pool.resize.dedicated
        self._fail(pool, ResizeFailure("ResizeStopped", "The pool resize was stopped by the user."))
        pool.epoch += 1
        self._enter(pool, "Stopping")
        names = (account.name.lower(), pool.name.lower(), str(pool.epoch))
        self._clock.schedule(self._clock.now(), "batch.pool.stopped", *names)

    def remove(self, account: Account, pool: Pool, nodes: list[Node], timeout: str, option: str) -> None:
        """Let these very *nodes* leave; the target shrinks by as many. Raises: AzureError 409 while resizing."""
        going = {node.id for node in nodes}
        staying = [node for node in pool.nodes.values() if node.id not in going]
        dedicated = sum(node.dedicated for node in staying)
        low_priority = len(staying) - dedicated
        self.begin(account, pool, dedicated=dedicated, low_priority=low_priority, timeout=timeout, option=option)
        for node in nodes:
            self._clearing.clear(Host(account, pool, node), option.lower(), "leave")

    def empty(self, account: Account, pool: Pool) -> None:
        """Let every node of a pool that is being deleted leave, whatever was under way."""
        pool.epoch += 1
        self._enter(pool, "Resizing")
        names = (account.name.lower(), pool.name.lower(), str(pool.epoch))
        self._clock.schedule(self._clock.now(), "batch.pool.resize", *names)

    def resume(self, account: Account, pool: Pool) -> None:
        """Take up a resize that the end of the process has interrupted."""
        if pool.allocation_state in {"Resizing", "Stopping"}:
            names = (account.name.lower(), pool.name.lower(), str(pool.epoch))
            self._clock.schedule(self._clock.now(), "batch.pool.resize", *names)

    def _apply(self, account_name: str, pool_name: str, epoch: str) -> None:
        found = self._find(account_name, pool_name, epoch)
        if found is None:
            return
        account, pool = found
        if failure := resize_failure(self.faults, account, pool):
            self._fail(pool, failure)
            self._enter(pool, "Steady")
            return
        if pool.deleting:  # as if it was resized to nothing with the default option: Pool - Delete
            for node in [n for n in pool.nodes.values() if n.state != "leavingpool" or n.awaiting]:
                self._clearing.clear(Host(account, pool, node), "requeue", "leave")
        elif pool.resize is not None:
            self._reach(account, pool, pool.resize.dedicated, dedicated=True)
            self._reach(account, pool, pool.resize.low_priority, dedicated=False)
        self._check(account, pool)

    def _stopped(self, account_name: str, pool_name: str, epoch: str) -> None:
        if found := self._find(account_name, pool_name, epoch):
            self._enter(found[1], "Steady")

    def _reach(self, account: Account, pool: Pool, wanted: int, *, dedicated: bool) -> None:
        have = [n for n in pool.nodes.values() if n.dedicated == dedicated and n.state != "leavingpool"]
        room = max(self._room(account, pool, dedicated=dedicated), 0)
        if wanted - len(have) > room:
            self._fail(pool, _quota_failure(dedicated=dedicated))
            wanted = len(have) + room
        for _ in range(wanted - len(have)):
            self._lifecycle.create(account, pool, dedicated=dedicated)
        if wanted < len(have):
            option = pool.resize.option.lower() if pool.resize else "requeue"
            for node in sorted(have, key=_readiness)[: len(have) - wanted]:
                self._clearing.clear(Host(account, pool, node), option, "leave")

    def _room(self, account: Account, pool: Pool, *, dedicated: bool) -> int:
        """How many more nodes of the pool's size the account's core quota allows."""
        quota = account.quotas.dedicated_cores if dedicated else account.quotas.low_priority_cores
        used = sum(
            SIZES[other.properties["vmSize"]].cores * sum(node.dedicated == dedicated for node in other.nodes.values())
            for other in account.pools.values()
        )
        return (quota - used) // SIZES[pool.properties["vmSize"]].cores

    def _node_changed(self, account: Account, pool: Pool, node: Node) -> None:
        del node
        self._check(account, pool)

    def _check(self, account: Account, pool: Pool) -> None:
        if pool.deleting and not pool.nodes:
            account.pools.pop(pool.name.lower(), None)
            if account.provisioning_state == "Deleting" and not account.pools:
                self._state.accounts.pop(account.name.lower(), None)
        elif pool.allocation_state == "Resizing" and not pool.deleting and not pool.in_states(*UNSETTLED):
            self._enter(pool, "Steady")

    def _time_out(self, account_name: str, pool_name: str, epoch: str) -> None:
        found = self._find(account_name, pool_name, epoch)
        if found is None or found[1].allocation_state != "Resizing" or found[1].deleting:
            return
        pool = found[1]
        for dedicated in (True, False):
            if any(node.dedicated == dedicated and node.state in UNSETTLED for node in pool.nodes.values()):
                message = f"{_DESIRED[dedicated]} could not be allocated as the resize timeout was reached"
                self._fail(pool, ResizeFailure("AllocationTimedout", message))
        self._enter(pool, "Steady")

    def _note_failure(self, pool: Pool, node: Node, error: NodeError) -> None:
        """A machine that failed while a resize was under way is that resize's failure too."""
        if pool.allocation_state != "Resizing":
            return
        cause = json.dumps({"error": {"code": error.code, "message": error.message}})
        details = {"Provider Error Json": cause, "Provider Error Json Truncated": "False"}
        message = f"{_DESIRED[node.dedicated]} could not be allocated"
        self._fail(pool, ResizeFailure("AllocationFailed", message, details))

    def _fail(self, pool: Pool, failure: ResizeFailure) -> None:
        if pool.resize is not None and failure not in pool.resize.failures:
            pool.resize.failures.append(failure)

    def _enter(self, pool: Pool, state: str) -> None:
        pool.allocation_state, pool.allocation_since = state, self._clock.now()

    def _find(self, account_name: str, pool_name: str, epoch: str) -> tuple[Account, Pool] | None:
        account = self._state.accounts.get(account_name)
        pool = account.pools.get(pool_name) if account else None
        return (account, pool) if account and pool and str(pool.epoch) == epoch else None


def targets_of(pool: Pool) -> tuple[int, int]:
    """How many dedicated and Spot nodes the pool is to have: as its settings say, or its formula has said last."""
    fixed = pool.properties["scaleSettings"].get("fixedScale")
    if fixed is not None:
        return fixed["targetDedicatedNodes"], fixed["targetLowPriorityNodes"]
    return (pool.resize.dedicated, pool.resize.low_priority) if pool.resize else (0, 0)


def _readiness(node: Node) -> tuple[int, int, int]:
    """Nodes that do not work leave first, then those without tasks, of these the newest first."""
    return int(node.state in UP), len(node.running), -node.index


def _quota_failure(*, dedicated: bool) -> ResizeFailure:
    if dedicated:
        return ResizeFailure("AccountCoreQuotaReached", "The specified account has reached core quota")
    return ResizeFailure(
        "AccountLowPriorityCoreQuotaReached", "The specified account has reached low priority core quota"
    )
