"""What happens to one node: it is created, starts, runs its start task, becomes idle, reboots, leaves.

Source: the node states of the Batch service REST reference (ComputeNodeState) and "Nodes and pools in Azure Batch".
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.machines import Machine
from local_azure.services.batch.fleet import Fleet, machine_user, pool_users
from local_azure.services.batch.node_errors import extension_error, preparation_error
from local_azure.services.batch.start_tasks import StartTasks
from local_azure.services.batch.state import Account, BatchState, Node, NodeError, Pool

SETTLED = ("idle", "running", "offline")
TRANSITIONAL = ("creating", "starting", "rebooting", "reimaging", "waitingforstarttask")
_RECHECK_AT_LEAST = timedelta(seconds=5)
_RECHECK_AT_MOST = timedelta(hours=1)  # a node whose extension retries for ever costs few events in a moved year

_log = logging.getLogger(__name__)

Found = tuple[Account, Pool, Node]
Start = Callable[[Machine], Awaitable[None]]


class Lifecycle:
    """Moves nodes from state to state, as events of the clock.

    *node_time*: how long a node takes from `creating` to its start task; half of it passes before it starts.
    Those in *on_change* are called after each move; *on_failure* with the errors of a node that became unusable.
    """

    def __init__(self, state: BatchState, clock: Clock, fleet: Fleet, node_time: timedelta) -> None:
        self._state = state
        self._clock = clock
        self._fleet = fleet
        self._half = node_time / 2
        self._start_tasks = StartTasks(clock, fleet, self._move)
        self.on_change: list[Callable[[Account, Pool, Node], None]] = []
        self.on_failure: Callable[[Pool, NodeError], None] = lambda _pool, _error: None
        clock.on("batch.node.start", self._start)
        clock.on("batch.node.ready", self._ready)
        clock.on("batch.node.start-task", self._run_start_task)
        clock.on("batch.node.reboot", self._reboot)
        clock.on("batch.node.reimage", self._reimage)
        clock.on("batch.node.leave", self._leave)

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
        self._next("batch.node.start", self._half, account, pool, node)
        return node

    def leave(self, account: Account, pool: Pool, node: Node) -> None:
        """Let *node* leave the pool; its machine is closed and its disk removed."""
        self._begin(account, pool, node, "leavingpool", "batch.node.leave")

    def reboot(self, account: Account, pool: Pool, node: Node) -> None:
        """Restart *node* from its disk; users stay, the start task runs again."""
        self._begin(account, pool, node, "rebooting", "batch.node.reboot")

    def reimage(self, account: Account, pool: Pool, node: Node) -> None:
        """Give *node* a fresh disk: users and files are gone."""
        self._begin(account, pool, node, "reimaging", "batch.node.reimage")

    def settle(self, account: Account, pool: Pool, node: Node) -> None:
        """Bring a node that is up into the state that its tasks and its scheduling make: running, idle or offline."""
        if node.state in SETTLED and node.state != _at_rest(node):
            self._move(account, pool, node, _at_rest(node))

    async def resume(self, account: Account, pool: Pool, node: Node) -> None:
        """Bring *node* back after a restart of the process, as it was; what was under way begins again."""
        if node.state == "leavingpool":
            self.leave(account, pool, node)
        elif node.state in TRANSITIONAL or not node.booted:
            self._begin(account, pool, node, "creating" if node.state == "creating" else "starting", "batch.node.start")
        else:
            await self._run((account, pool, node), lambda machine: machine.boot())

    def _begin(self, account: Account, pool: Pool, node: Node, state: str, event: str) -> None:
        node.epoch += 1
        self._move(account, pool, node, state)
        self._next(event, self._half, account, pool, node)

    def _next(self, event: str, after: timedelta, account: Account, pool: Pool, node: Node) -> None:
        names = (account.name.lower(), pool.name.lower(), node.id, str(node.epoch))
        self._clock.schedule(self._clock.now() + after, event, *names)

    def _find(self, account: str, pool: str, node: str, epoch: str) -> Found | None:
        """Whom an event is about, or None where it no longer counts."""
        found_account = self._state.accounts.get(account)
        found_pool = found_account.pools.get(pool) if found_account else None
        found = found_pool.nodes.get(node) if found_pool else None
        if found_account is None or found_pool is None or found is None or str(found.epoch) != epoch:
            return None
        return found_account, found_pool, found

    def _move(self, account: Account, pool: Pool, node: Node, state: str) -> None:
        pool.move(node, _at_rest(node) if state in SETTLED else state, self._clock.now())
        self._tell(account, pool, node)

    def _tell(self, account: Account, pool: Pool, node: Node) -> None:
        for listener in self.on_change:
            listener(account, pool, node)

    async def _start(self, *names: str) -> None:
        if found := self._find(*names):
            await self._bring_up(found, names, lambda machine: machine.boot())

    async def _reboot(self, *names: str) -> None:
        if found := self._find(*names):
            booted = found[2].booted
            await self._bring_up(found, names, lambda machine: machine.reboot() if booted else machine.boot())

    async def _reimage(self, *names: str) -> None:
        if found := self._find(*names):
            found[2].users.clear()
            async with self._fleet.hold(*found):
                found[2].booted, found[2].disk_since = False, None
                await self._fleet.close(*found)
            await self._bring_up(found, names, lambda machine: machine.boot())

    async def _bring_up(self, found: Found, names: Sequence[str], start: Start) -> None:
        if self._find(*names) is None:
            return
        ready_at = self._clock.now() + self._half
        found[2].errors = []
        self._move(*found, "starting")
        if await self._run(found, start) and self._find(*names):
            self._next("batch.node.ready", max(ready_at - self._clock.now(), timedelta(0)), *found)

    async def _run(self, found: Found, start: Start) -> bool:
        """Start the node's machine, give it its users, install the extensions; says whether that went well."""
        _, pool, node = found
        epoch = node.epoch
        try:
            async with self._fleet.hold(*found), self._fleet.turn:
                if node.epoch != epoch:
                    return False
                node.booted = False
                machine = self._fleet.machine(*found)
                await start(machine)
                node.booted, node.last_boot = True, self._clock.now()
                node.disk_since = node.disk_since or node.last_boot
                for user in (*pool_users(pool), *map(machine_user, node.users.values())):
                    machine.put_user(user)
                await machine.install_extensions()
        except Exception as error:  # noqa: BLE001 - whatever a machine trips over is one unusable node, never a stopped service
            _log.exception("node %s could not start", node.id)
            if node.epoch == epoch:
                self._fail(*found, preparation_error(str(error)))
            return False
        return True

    def _ready(self, *names: str) -> None:
        if (found := self._find(*names)) is None:
            return
        account, pool, node = found
        statuses = self._fleet.machine(account, pool, node).extension_statuses()
        if broken := [status for status in statuses if status.state == "error"]:
            self._fail(account, pool, node, *(extension_error(pool, status) for status in broken))
        elif any(status.state == "transitioning" for status in statuses):
            waited = (self._clock.now() - node.state_since) / 8
            self._next("batch.node.ready", min(max(waited, _RECHECK_AT_LEAST), _RECHECK_AT_MOST), account, pool, node)
        else:
            self._next("batch.node.start-task", timedelta(0), account, pool, node)

    async def _run_start_task(self, *names: str) -> None:
        if found := self._find(*names):
            again = await self._start_tasks.run(*found, current=lambda: self._find(*names) is not None)
            if again:
                self._next("batch.node.start-task", again, *found)

    async def _leave(self, *names: str) -> None:
        if (found := self._find(*names)) is None:
            return
        account, pool, node = found
        try:
            async with self._fleet.hold(account, pool, node):
                node.booted = False
                await self._fleet.close(account, pool, node)
        finally:  # a disk that resists is no reason to keep a pool from going
            self._fleet.let_go(account, pool, node)
            pool.remove(node)
            self._tell(account, pool, node)

    def _fail(self, account: Account, pool: Pool, node: Node, *errors: NodeError) -> None:
        node.errors = list(errors)
        for error in errors:
            self.on_failure(pool, error)
        self._move(account, pool, node, "unusable")


def _at_rest(node: Node) -> str:
    """The state of a node that is up. "Offline" is one without tasks that is not to get any (ComputeNodeState)."""
    if node.running:
        return "running"
    return "idle" if node.scheduling == "enabled" else "offline"
