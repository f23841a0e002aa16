"""One service of a node: whether it runs, and what becomes of it when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from local_azure.nodes.systemd.condition import Condition
from local_azure.nodes.systemd.processes import Processes
from local_azure.nodes.systemd.rate import Rate
from local_azure.nodes.systemd.run import MainProgram, Run
from local_azure.nodes.systemd.settings import ServiceSettings

# systemd.service(5), Restart=: after which results
_RESTARTED = {
    "no": frozenset[str](),
    "always": frozenset({"success", "exit-code", "signal", "timeout"}),
    "on-success": frozenset({"success"}),
    "on-failure": frozenset({"exit-code", "signal", "timeout"}),
    "on-abnormal": frozenset({"signal", "timeout"}),
    "on-abort": frozenset({"signal"}),
}

Alarm = Callable[[timedelta], str]

_log = logging.getLogger(__name__)


class Service:
    """A service of a node.

    *now* is the node's clock; *alarm* asks for a call of `wake` in so much time and gives the word that it will come
    with; *began* hears of each beginning, *ended* of each end.

    Attributes:
        settings: what its file asks for.
        condition: its state.
        restarts: how often it was restarted by itself.
        starts: how often it was started of late.
        run: its newest run, or None.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        processes: Processes,
        *,
        now: Callable[[], datetime],
        alarm: Alarm,
        began: Callable[[], None],
        ended: Callable[[Service], None],
    ) -> None:
        self.settings = settings
        self.condition = Condition(now)
        self.restarts = 0
        self.starts = Rate()
        self.run: Run | None = None
        self._living: asyncio.Task[None] | None = None
        self._processes = processes
        self._now = now
        self._alarm = alarm
        self._began = began
        self._ended = ended
        self._awaited = ""

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.settings.file.name

    @property
    def main(self) -> MainProgram:
        """The main program of the newest run."""
        return self.run.main if self.run else MainProgram()

    @property
    def alive(self) -> bool:
        """Whether a run goes on."""
        return self._living is not None and not self._living.done()

    def begin(self) -> None:
        """Start, unless it is up or on its way already."""
        if self.alive:
            return
        self._awaited = ""
        if not self.starts.allows(self.settings.limit, self._now()):
            self._conclude("start-limit-hit")
            self._ended(self)
            return
        self.run = Run(self.settings, self._processes, self._now, self._move)
        self.condition.result = "success"
        self.condition.move("activating", "start-pre" if self.settings.before else "start")
        if self.settings.start_timeout < timedelta.max.total_seconds():
            self._awaited = self._alarm(timedelta(seconds=self.settings.start_timeout))
        self._living = asyncio.create_task(self._live(self.run))
        self._living.add_done_callback(self._over)
        self._began()

    async def start(self) -> bool:
        """Start, and wait until that has succeeded or failed."""
        if self.condition.active == "deactivating":
            await self._gone()
        self.begin()
        if self.run and self.alive:
            await self.run.up.wait()
        return self.condition.result == "success"

    async def stop(self) -> None:
        """Stop, with all that it started; returns once that is done."""
        if self.run and self.alive:
            self.run.stop()
            await self._gone()
        elif self.condition.sub == "auto-restart":
            self._awaited = ""
            self.condition.move("inactive", "dead")

    async def reload(self) -> bool:
        """Run the commands of ExecReload=, for a service that is up. Returns whether all went well."""
        if not self.run:
            return False
        sub = self.condition.sub
        self.condition.move("reloading", "reload")
        well = await self.run.reload(self.settings.reload)
        if self.condition.active == "reloading":
            self.condition.move("active", sub)
        return well

    def reset(self) -> None:
        """Forget that it failed, and how often it started."""
        self.starts.forget()
        if self.condition.active == "failed":
            self.condition.result = "success"
            self.condition.move("inactive", "dead")

    def wake(self, word: str) -> None:
        """Do what was to be done at this time: restart, or give up on a start that takes too long."""
        if word != self._awaited:
            return
        self._awaited = ""
        if self.condition.sub == "auto-restart":
            self.restarts += 1
            self.begin()
        elif self.run and self.condition.active == "activating":
            self.run.give_up()

    async def abandon(self) -> None:
        """End all at once: the node goes down."""
        self._awaited = ""
        if self._living:
            self._living.cancel()
            await asyncio.wait([self._living])

    async def settle(self, patience: float) -> None:
        """Wait until what was begun is up, or for a oneshot at its end; no longer than *patience* after that.

        *patience* is in real seconds, so that what hangs does not hold up the clock.
        """
        if not self.run or not self._living or self.condition.active not in {"activating", "deactivating"}:
            return
        left = self.run.busy_since + patience - asyncio.get_running_loop().time()
        if left <= 0:
            return
        ends: set[asyncio.Task[object]] = {self._living}
        up = asyncio.create_task(self.run.up.wait())
        if not self.settings.oneshot or self.settings.stays:
            ends.add(up)
        await asyncio.wait(ends, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()

    async def _live(self, run: Run) -> None:
        try:
            result = await run.live()
            if run.stopped or result not in _RESTARTED[self.settings.restart]:
                self._conclude(result)
            else:
                self.condition.result = result
                self.condition.move("activating", "auto-restart")
                self._awaited = self._alarm(timedelta(seconds=self.settings.restart_after))
        finally:
            run.up.set()

    def _over(self, living: asyncio.Task[None]) -> None:
        if living.cancelled():
            return
        if error := living.exception():
            _log.error("%s failed", self.name, exc_info=error)
        self._ended(self)

    async def _gone(self) -> None:
        if self._living:
            await asyncio.wait([self._living])

    def _move(self, active: str, sub: str) -> None:
        if active == "active":
            self._awaited = ""
        self.condition.move(active, sub)

    def _conclude(self, result: str) -> None:
        self._awaited = ""
        self.condition.result = result
        self.condition.move(*(("inactive", "dead") if result == "success" else ("failed", "failed")))
