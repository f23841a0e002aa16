"""Commands on machines: launched, ended when their time is up, ended when nobody wants them any more."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from local_azure.clock import Clock
from local_azure.machines import MachineTask
from local_azure.services.batch.fleet.failures import ended_failure, failure_of
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.protocol.times import after
from local_azure.services.batch.state.jobs import Failure

_PATIENCE = 5.0  # real seconds that a moved clock waits for a command; a longer one goes on beside the clock
_LIMIT = "batch.run.limit"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a command ended. *lost*: its machine broke under it, so that nothing is known of it."""

    exit_code: int | None = None
    failure: Failure | None = None
    lost: bool = False


Then = Callable[[Outcome], None]


@dataclass(frozen=True)
class _Live:
    work: asyncio.Future[None]
    then: Then


class Launcher:
    """Runs commands beside the queue of events, and tells each one's end to whoever launched it.

    What runs is not saved: a restart begins it anew.
    """

    def __init__(self, clock: Clock, fleet: Fleet) -> None:
        self._clock = clock
        self._fleet = fleet
        self._live: dict[str, _Live] = {}
        self._stopping: set[asyncio.Future[None]] = set()
        clock.on(_LIMIT, self._time_out)

    def launch(self, host: Host, task: MachineTask, limit: str, then: Then, *, instead: Failure | None = None) -> str:
        """Run *task* for the time of *limit* at most, an ISO 8601 duration; *then* hears how it ended.

        With *instead* it does not run: that is what *then* hears. Returns a name by which `cancel` knows it; after that
        *then* hears nothing.
        """
        name = uuid.uuid4().hex
        work = asyncio.ensure_future(self._run(name, host, task, instead))
        self._live[name] = _Live(work, then)
        if end := after(self._clock.now(), limit):
            self._clock.schedule(end, _LIMIT, name)
        self._clock.start(_patiently(work))
        return name

    def cancel(self, name: str) -> None:
        """End a command that nobody waits for any more; an unknown one is no error."""
        if live := self._live.pop(name, None):
            self._stop(live)

    async def stopped(self) -> None:
        """Return once all that was told to end has ended, so that nobody writes into its folder any more."""
        if self._stopping:
            await asyncio.wait(set(self._stopping), timeout=_PATIENCE)

    async def close(self) -> None:
        """End all that runs; nobody hears of it."""
        live, self._live = list(self._live.values()), {}
        for one in live:
            one.work.cancel()
        await asyncio.gather(*(one.work for one in live), *self._stopping, return_exceptions=True)

    def _stop(self, live: _Live) -> None:
        live.work.cancel()
        self._stopping.add(live.work)
        live.work.add_done_callback(self._stopping.discard)
        self._clock.start(_patiently(live.work))

    async def _run(self, name: str, host: Host, task: MachineTask, instead: Failure | None) -> None:
        outcome = Outcome(None, instead) if instead else await self._outcome(host, task)
        if live := self._live.pop(name, None):
            live.then(outcome)

    async def _outcome(self, host: Host, task: MachineTask) -> Outcome:
        try:
            end = await self._fleet.machine(host.account, host.pool, host.node).run_task(task)
        except Exception:  # noqa: BLE001 - whatever a machine trips over is one lost run, never a stopped service
            _log.warning("%s could not run on node %s", task.folder, host.node.id, exc_info=True)
            return Outcome(lost=True)
        return Outcome(end.exit_code, failure_of(end, task.command_line))

    def _time_out(self, name: str) -> None:
        if live := self._live.pop(name, None):
            self._stop(live)
            live.then(Outcome(None, ended_failure("The task ran for longer than its maximum wall clock time.")))


async def _patiently(work: asyncio.Future[None]) -> None:
    """Wait for *work*, but not for ever: a service that runs for days must not hold up a moved clock."""
    await asyncio.wait({work}, timeout=_PATIENCE)
