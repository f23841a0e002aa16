"""The Batch service, put together."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.machines import Machines
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.batch.accounts import Accounts
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.jobs.work import Work
from local_azure.services.batch.levers import Levers
from local_azure.services.batch.nodes.nodes import Nodes
from local_azure.services.batch.nodes.users import Users
from local_azure.services.batch.pools.identities import PoolIdentities
from local_azure.services.batch.pools.pools import Pools
from local_azure.services.batch.scaling.auto_scaler import AutoScaler
from local_azure.services.batch.scaling.pool_scale import PoolScale
from local_azure.services.batch.scaling.resizing import Scaling
from local_azure.services.batch.schedules.making import Making
from local_azure.services.batch.schedules.schedules import Schedules
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.msi.identities import Identities
from local_azure.wire.faults import Faults

__all__ = ["Batch", "BatchState"]


class Batch:
    """Batch accounts, pools, nodes and jobs. A new one holds the settings' account.

    *machines* is where nodes get their virtual machines from. After a restart with *state*, `resume` brings the nodes
    back. *levers* are what no client can do: take a Spot node away, set a quota. *faults* says what
    goes wrong.
    """

    def __init__(  # noqa: PLR0917 - what a service stands on, in the order in which it is built
        self,
        access: Access,
        groups: Groups,
        identities: Identities,
        clock: Clock,
        machines: Machines,
        state: BatchState | None = None,
        *,
        faults: Faults | None = None,
    ) -> None:
        self.access = access
        self.groups = groups
        self.clock = clock
        self.state = state or BatchState()
        self.accounts = Accounts(access, groups, self.state, new=state is None)
        self.fleet = Fleet(machines)
        self.lifecycle = Lifecycle(self.state, clock, self.fleet, timedelta(seconds=access.settings.node_seconds))
        self.work = Work(self.state, clock, self.fleet, self.lifecycle)
        self.schedules = Schedules(clock, Making(self.state, clock, self.work.jobs, self.work.endings))
        self.scaling = Scaling(self.state, clock, self.lifecycle, self.work.clearing)
        self.scaling.faults = faults
        self.identities = PoolIdentities(access, identities)
        self.scale = PoolScale(clock, self.scaling, AutoScaler(self.state, clock, self.scaling))
        self.pools = Pools(access, clock, self.identities, self.scale)
        self.nodes = Nodes(self.fleet, self.lifecycle, self.work.clearing)
        self.levers = Levers(self.state, clock, self.lifecycle, self.work.clearing)
        self.users = Users(self.state, clock, self.fleet)
        groups.on_delete.append(lambda group: self._delete_accounts(self.accounts.all(group)))

    def delete_account(self, account: Account) -> None:
        """Remove an account; its pools' nodes leave first."""
        self._delete_accounts([account])

    async def resume(self) -> None:
        """Bring the nodes of a saved state back: machines boot again, with their users."""
        waiting = []
        for account in list(self.state.accounts.values()):
            for pool in list(account.pools.values()):
                self.scaling.resume(account, pool)
                waiting += [self.lifecycle.resume(account, pool, node) for node in list(pool.nodes.values())]
        await asyncio.gather(*waiting)
        self.work.resume()

    async def close(self) -> None:
        """Stop all tasks and machines; the disks stay."""
        await self.work.close()
        await self.fleet.close_all()

    def _delete_accounts(self, accounts: list[Account]) -> None:
        self.pools.delete_all(accounts)
        for account in accounts:
            if not account.pools:
                self.state.accounts.pop(account.name.lower(), None)
