"""The machines that run right now, one for each node that has booted."""

from __future__ import annotations

import asyncio

from local_azure.machines import Machine, Machines, MachineSpec, MachineUser
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.nodes import Node, User
from local_azure.services.batch.state.pools import Pool

_AT_A_TIME = 16  # machines that boot, install or run a start task side by side, so that 1,000 nodes stay in bounds


class Fleet:
    """Creates machines for nodes, finds them again, closes them."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._running: dict[str, Machine] = {}
        self._held: dict[str, asyncio.Lock] = {}
        self.turn = asyncio.Semaphore(_AT_A_TIME)

    def machine(self, account: Account, pool: Pool, node: Node) -> Machine:
        """The node's machine; made, but not booted, where there is none yet."""
        key = key_of(account, pool, node)
        if key not in self._running:
            self._running[key] = self._machines.create(_spec(key, account, pool))
        return self._running[key]

    def find(self, account: Account, pool: Pool, node: Node) -> Machine | None:
        """The node's machine, where it has booted."""
        return self._running.get(key_of(account, pool, node)) if node.booted else None

    def hold(self, account: Account, pool: Pool, node: Node) -> asyncio.Lock:
        """Held while the node's machine is brought up or closed: one never overtakes the other."""
        return self._held.setdefault(key_of(account, pool, node), asyncio.Lock())

    async def close(self, account: Account, pool: Pool, node: Node) -> None:
        """Stop the node's machine and remove its disk."""
        machine = self.machine(account, pool, node)
        self._running.pop(key_of(account, pool, node), None)
        await machine.close(wipe=True)
        self._machines.forget(key_of(account, pool, node))

    async def stop(self, account: Account, pool: Pool, node: Node) -> None:
        """Stop the node's machine; its disk stays."""
        machine = self.machine(account, pool, node)
        self._running.pop(key_of(account, pool, node), None)
        await machine.close(wipe=False)
        self._machines.forget(key_of(account, pool, node))

    def let_go(self, account: Account, pool: Pool, node: Node) -> None:
        """Forget all about a node that has left for good."""
        self._held.pop(key_of(account, pool, node), None)

    async def close_all(self) -> None:
        """Stop every machine; the disks stay."""
        running, self._running = list(self._running.values()), {}
        for machine in running:
            await machine.close(wipe=False)


def key_of(account: Account, pool: Pool, node: Node) -> str:
    """What a machine is called in the embedded Azure."""
    return f"{account.name}/{pool.name}/{node.id}"


def machine_user(user: User) -> MachineUser:
    """The user as a machine takes it."""
    return MachineUser(user.name, user.admin, user.public_key, user.password)


def pool_users(pool: Pool) -> list[MachineUser]:
    """The user accounts that the pool wants on each of its nodes."""
    return [
        MachineUser(account["name"], account.get("elevationLevel") == "Admin", password=account["password"])
        for account in pool.properties.get("userAccounts", ())
    ]


def _spec(key: str, account: Account, pool: Pool) -> MachineSpec:
    configuration = pool.properties["deploymentConfiguration"]["virtualMachineConfiguration"]
    return MachineSpec(
        key=key,
        region=account.location,
        identities=tuple(identity.lower() for identity in pool.vm_identities),
        extensions=tuple(configuration.get("extensions", ())),
    )
