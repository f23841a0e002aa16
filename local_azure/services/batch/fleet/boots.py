"""How a node comes up: its machine boots, its extensions are installed, its start task runs.

Source: "Nodes and pools in Azure Batch"; ComputeNodeState in the Batch service REST reference.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.machines import Machine
from local_azure.services.batch.fleet.fleet import Fleet, machine_user, pool_users
from local_azure.services.batch.fleet.node_errors import extension_error, preparation_error
from local_azure.services.batch.fleet.node_states import Found, NodeStates
from local_azure.services.batch.fleet.start_tasks import StartTasks

START, REBOOT, REIMAGE = "batch.node.start", "batch.node.reboot", "batch.node.reimage"
_READY, _START_TASK = "batch.node.ready", "batch.node.start-task"
_RECHECK_AT_LEAST = timedelta(seconds=5)
_RECHECK_AT_MOST = timedelta(hours=1)  # a node whose extension retries for ever costs few events in a moved year

_log = logging.getLogger(__name__)

Start = Callable[[Machine], Awaitable[None]]


class Boots:
    """Brings nodes up; *half* is the time from `starting` to the start task."""

    def __init__(self, clock: Clock, fleet: Fleet, states: NodeStates, half: timedelta) -> None:
        self._clock = clock
        self._fleet = fleet
        self._states = states
        self._half = half
        self._start_tasks = StartTasks(clock, fleet, states.move)
        clock.on(START, self._start)
        clock.on(REBOOT, self._reboot)
        clock.on(REIMAGE, self._reimage)
        clock.on(_READY, self._ready)
        clock.on(_START_TASK, self._run_start_task)

    async def again(self, found: Found) -> None:
        """Bring the machine of a node that was up back after a restart of the process."""
        came_up, run = await self._run(found, lambda machine: machine.boot()), found[2].start_task
        if came_up and run and run.state == "running":  # a start task that nobody waits for begins anew
            found[2].start_task = None
            self._states.next(_START_TASK, timedelta(0), *found)

    async def _start(self, *names: str) -> None:
        if found := self._states.find(*names):
            await self._bring_up(found, names, lambda machine: machine.boot())

    async def _reboot(self, *names: str) -> None:
        if found := self._states.find(*names):
            booted = found[2].booted
            await self._bring_up(found, names, lambda machine: machine.reboot() if booted else machine.boot())

    async def _reimage(self, *names: str) -> None:
        if found := self._states.find(*names):
            await self.wipe(found)
            await self._bring_up(found, names, lambda machine: machine.boot())

    async def wipe(self, found: Found) -> None:
        """Take the node's machine away, with its disk and its users."""
        node = found[2]
        node.users.clear()
        async with self._fleet.hold(*found):
            node.booted, node.disk_since = False, None
            await self._fleet.close(*found)

    async def _bring_up(self, found: Found, names: Sequence[str], start: Start) -> None:
        if self._states.find(*names) is None:
            return
        ready_at = self._clock.now() + self._half + self._fleet.machine(*found).start_lag
        found[2].errors = []
        self._states.move(*found, "starting")
        if await self._run(found, start) and self._states.find(*names):
            self._states.next(_READY, max(ready_at - self._clock.now(), timedelta(0)), *found)

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
                self._states.fail(*found, preparation_error(str(error)))
            return False
        return True

    def _ready(self, *names: str) -> None:
        if (found := self._states.find(*names)) is None:
            return
        account, pool, node = found
        statuses = self._fleet.machine(account, pool, node).extension_statuses()
        if broken := [status for status in statuses if status.state == "error"]:
            self._states.fail(account, pool, node, *(extension_error(pool, status) for status in broken))
        elif any(status.state == "transitioning" for status in statuses):
            waited = (self._clock.now() - node.state_since) / 8
            self._states.next(_READY, min(max(waited, _RECHECK_AT_LEAST), _RECHECK_AT_MOST), account, pool, node)
        else:
            self._states.next(_START_TASK, timedelta(0), account, pool, node)

    async def _run_start_task(self, *names: str) -> None:
        if found := self._states.find(*names):
            again = await self._start_tasks.run(*found, current=lambda: self._states.find(*names) is not None)
            if again:
                self._states.next(_START_TASK, again, *found)
