"""What Azure does to a Batch account by itself, for whoever wants to see how a client takes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fnmatch import fnmatchcase

from local_azure.clock import Clock
from local_azure.services.batch.fleet.fleet import key_of
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.jobs.clearing import Clearing
from local_azure.services.batch.jobs.running.host import Host, find_host
from local_azure.services.batch.state.accounts import BatchState, Quotas
from local_azure.services.batch.state.nodes import Node

_CAPACITY = "batch.node.capacity"
_GONE = frozenset({"preempted", "deallocated", "leavingpool"})  # without a machine that could be taken


class Levers:
    """Takes Spot nodes away and gives them back; sets quotas. Patterns are those of a shell, compared without case.

    Source: "Use Spot VMs with Batch workloads": a preempted node stays in its pool, its tasks are requeued, and Batch
    replaces it when there is capacity again.
    """

    def __init__(self, state: BatchState, clock: Clock, lifecycle: Lifecycle, clearing: Clearing) -> None:
        self._state = state
        self._clock = clock
        self._lifecycle = lifecycle
        self._clearing = clearing
        clock.on(_CAPACITY, self._capacity_is_back)

    def preempt(self, nodes: str, *, first: int | None = None, back_after: timedelta | None = None) -> list[str]:
        """Take the machines of Spot nodes like *nodes*, a pattern of account/pool/node: of so many as *first* says.

        After *back_after* there is capacity for them again; without it, never. Returns the nodes that were struck.
        """
        found = self._like(nodes, lambda node: not node.dedicated and node.state not in _GONE)[:first]
        for host in found:
            self._clearing.preempt(host)
            if back_after is not None:
                names = (host.account.name.lower(), host.pool.name.lower(), host.node.id, str(host.node.epoch))
                self._clock.schedule(self._clock.now() + back_after, _CAPACITY, *names)
        return [_key(host) for host in found]

    def give_back(self, nodes: str) -> list[str]:
        """Let preempted nodes like *nodes*, a pattern of account/pool/node, have a machine again, with a fresh disk.

        Returns which.
        """
        found = self._like(nodes, lambda node: node.state == "preempted")
        for host in found:
            self._lifecycle.start(host.account, host.pool, host.node)
        return [_key(host) for host in found]

    def quotas(self) -> dict[str, Quotas]:
        """The quotas of each account, by its name."""
        return {name: account.quotas for name, account in sorted(self._state.accounts.items())}

    def set_quotas(self, account: str, quotas: Quotas) -> None:
        """Let the account have *quotas* from now on; what it has beyond them stays. Raises: KeyError."""
        self._state.accounts[account.lower()].quotas = quotas

    def _capacity_is_back(self, account: str, pool: str, node: str, epoch: str) -> None:
        found = self._state.accounts.get(account)
        host = find_host(found, pool, node) if found else None
        if host and str(host.node.epoch) == epoch and host.node.state == "preempted":
            self._lifecycle.start(host.account, host.pool, host.node)

    def _like(self, pattern: str, wanted: Callable[[Node], bool]) -> list[Host]:
        """The nodes like *pattern*, in the order in which they were made."""
        hosts = (
            Host(account, pool, node)
            for account in self._state.accounts.values()
            for pool in account.pools.values()
            for node in pool.nodes.values()
            if wanted(node)
        )
        return [host for host in hosts if fnmatchcase(_key(host).lower(), pattern.lower())]


def _key(host: Host) -> str:
    return key_of(host.account, host.pool, host.node)
