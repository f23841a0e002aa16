"""What Azure does to a Batch account by itself, for whoever wants to see how a client takes it."""

from __future__ import annotations

from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.jobs.clearing import Clearing
from local_azure.services.batch.jobs.running.host import Host, find_host
from local_azure.services.batch.state.accounts import Account, BatchState, Quotas

_CAPACITY = "batch.node.capacity"


class Levers:
    """Takes Spot nodes away and gives them back; sets quotas. Names are those that clients use, in any case.

    Source: "Use Spot VMs with Batch workloads": a preempted node stays in its pool, its tasks are requeued, and Batch
    replaces it when there is capacity again.
    """

    def __init__(self, state: BatchState, clock: Clock, lifecycle: Lifecycle, clearing: Clearing) -> None:
        self._state = state
        self._clock = clock
        self._lifecycle = lifecycle
        self._clearing = clearing
        clock.on(_CAPACITY, self._capacity_is_back)

    def preempt(self, account: str, pool: str, node: str, *, back_after: timedelta | None = None) -> None:
        """Take a Spot node's machine away; after *back_after* there is capacity for it again, with None never.

        Raises: LookupError for a node that is not there; ValueError for a dedicated one, or one that is down already.
        """
        host = self._host(account, pool, node)
        if host.node.dedicated:
            raise ValueError(f"{node} is a dedicated node, which Azure does not preempt")
        if host.node.state in {"preempted", "leavingpool"}:
            raise ValueError(f"{node} is {host.node.state} already")
        self._clearing.preempt(host)
        if back_after is not None:
            names = (account.lower(), pool.lower(), node, str(host.node.epoch))
            self._clock.schedule(self._clock.now() + back_after, _CAPACITY, *names)

    def give_back(self, account: str, pool: str, node: str) -> None:
        """Let a preempted node have a machine again, with a fresh disk.

        Raises: LookupError for a node that is not there; ValueError for one that is not preempted.
        """
        host = self._host(account, pool, node)
        if host.node.state != "preempted":
            raise ValueError(f"{node} is not preempted")
        self._lifecycle.start(host.account, host.pool, host.node)

    def set_quotas(self, account: str, quotas: Quotas) -> None:
        """Let the account have *quotas* from now on; what it has beyond them stays. Raises: LookupError."""
        self._account(account).quotas = quotas

    def _capacity_is_back(self, account: str, pool: str, node: str, epoch: str) -> None:
        found = self._state.accounts.get(account)
        host = find_host(found, pool, node) if found else None
        if host and str(host.node.epoch) == epoch and host.node.state == "preempted":
            self._lifecycle.start(host.account, host.pool, host.node)

    def _host(self, account: str, pool: str, node: str) -> Host:
        host = find_host(self._account(account), pool, node)
        if host is None:
            raise LookupError(f"there is no node {node} in pool {pool}")
        return host

    def _account(self, name: str) -> Account:
        if (account := self._state.accounts.get(name.lower())) is None:
            raise LookupError(f"there is no Batch account {name}")
        return account
