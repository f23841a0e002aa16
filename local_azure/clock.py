"""The one clock and the one queue of due events of the whole embedded Azure."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Handler = Callable[..., Awaitable[None] | None]

_log = logging.getLogger(__name__)
FASTEST = 86_400.0  # a day a second
_SETTLE_SECONDS = 60.0  # real seconds that moving the clock waits for the work of one instant
_AT_A_TIME = 32  # events due at the same instant that run side by side, so that 1,000 nodes poll in bounded memory


@dataclass(frozen=True, order=True)
class Event:
    """Something due: when (UTC), its place among those due at the same instant, what, and for whom.

    Names and arguments are plain text so that the queue can be saved and read back.
    """

    at: datetime
    order: int
    name: str = field(compare=False)
    args: tuple[str, ...] = field(compare=False, default=())


class Clock:
    """The time of the embedded Azure: real time at a chosen speed, and moved forward at will; never back.

    Every rule that depends on time asks `now` and puts what falls due later into the queue. Moving the clock runs
    each event at its own date, in order, so that a year of renewals and polls happens as it would have.
    """

    def __init__(self, *, offset: timedelta = timedelta(0), speed: float = 1.0) -> None:
        self._speed = speed
        self._anchor = datetime.now(UTC)  # real time of the last change of speed or move
        self._since = self._anchor + offset  # this clock's time then
        self._held: datetime | None = None
        self._goal: datetime | None = None
        self._queue: list[Event] = []
        self._orders = itertools.count()
        self._handlers: dict[str, Handler] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._moving = asyncio.Lock()
        self.revision = 0

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of real time."""
        return self.now() - datetime.now(UTC)

    @property
    def speed(self) -> float:
        """How fast this clock goes: 1 is real time, 60 a minute a second, 0 stands still until it is moved."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from now on. Raises: ValueError for one below 0 or above `FASTEST`."""
        if not 0 <= speed <= FASTEST:
            raise ValueError(f"the speed of the clock is between 0 and {FASTEST:.0f}")
        self._start_from(self.now())
        self._speed = speed
        self._wake.set()

    def now(self) -> datetime:
        """The embedded Azure's time, UTC. While the clock is moved: the date of the event that is running."""
        if self._held is not None:
            return self._held
        return self._since + (datetime.now(UTC) - self._anchor) * self._speed

    @property
    def moving(self) -> bool:
        """Whether the clock is being moved right now, so that time passes faster than anybody polls."""
        return self._held is not None

    def quiet_until(self, name: str) -> datetime:
        """When the next event that is not called *name* falls due, or the move ends. Where nothing moves: now.

        Until then whoever waits for an event called *name* can find nothing changed.
        """
        end = self._goal or self.now()
        return min(end, min((event.at for event in self._queue if event.name != name), default=end))

    def touch(self) -> None:
        """Note that something in the cloud was written: whoever remembers `revision` knows to look again."""
        self.revision += 1

    def on(self, name: str, handler: Handler) -> None:
        """Let *handler* run, with the event's arguments, whenever an event called *name* falls due."""
        if name in self._handlers:
            raise ValueError(f"two handlers for {name}")
        self._handlers[name] = handler

    def schedule(self, at: datetime, name: str, *args: str) -> None:
        """Put an event into the queue; one that is due already runs at once, after those due before it."""
        if name not in self._handlers:
            raise ValueError(f"no handler for {name}")
        heapq.heappush(self._queue, Event(at, next(self._orders), name, args))
        self._wake.set()

    def cancel(self, name: str, *args: str) -> None:
        """Take events called *name* with these very arguments out of the queue."""
        self._queue = [e for e in self._queue if (e.name, e.args) != (name, args)]
        heapq.heapify(self._queue)

    def pending(self) -> list[Event]:
        """What is in the queue, soonest first."""
        return sorted(self._queue)

    def restore(self, events: Iterable[Event]) -> None:
        """Put saved events back, in their old order; what fell due in between runs now, at its own date."""
        for event in sorted(events):
            self.schedule(event.at, event.name, *event.args)

    async def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, running each event that falls due on the way at its date. Returns the new time.

        Raises: ValueError for a move backwards.
        """
        if by < timedelta(0):
            raise ValueError("the clock moves forward only")
        async with self._moving:
            self._held = self.now()
            goal = self._goal = self._held + by
            try:
                while self._queue and self._queue[0].at <= goal:
                    self._held = max(self._queue[0].at, self._held)
                    await self._run_due_now()
                self._held = goal
                await self._settle()
            finally:
                self._start_from(self._held)
                self._held = self._goal = None
                self._wake.set()
        return self.now()

    async def run(self) -> None:
        """Run events as real time reaches them, until cancelled."""
        while True:
            self._wake.clear()
            async with self._moving:
                for event in self._take_due(self.now()):
                    self._start(event)
            # Not wait_for: up to Python 3.11 it forgets a cancellation that comes together with what it waits for.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()

    async def close(self) -> None:
        """Cancel what is still running and wait for it to end."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def start(self, work: Awaitable[None]) -> None:
        """Let *work* go on beside the queue; moving the clock waits for it before time passes on."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _start_from(self, now: datetime) -> None:
        self._anchor, self._since = datetime.now(UTC), now

    def _seconds_to_next(self) -> float | None:
        """Real seconds until the next event falls due, None where none will by itself."""
        if not self._queue or not self._speed:
            return None
        return max((self._queue[0].at - self.now()).total_seconds() / self._speed, 0)

    async def _run_due_now(self) -> None:
        instant = self._queue[0].at
        while self._queue and self._queue[0].at <= instant:
            name = self._queue[0].name
            batch = [heapq.heappop(self._queue)]
            while self._queue and self._queue[0].at <= instant and self._queue[0].name == name:
                batch.append(heapq.heappop(self._queue))
                if len(batch) == _AT_A_TIME:
                    break
            for event in batch:
                self._start(event)
            await self._settle()

    async def _settle(self) -> None:
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while self._running and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._running), timeout=left)

    def _take_due(self, now: datetime) -> list[Event]:
        due = []
        while self._queue and self._queue[0].at <= now:
            due.append(heapq.heappop(self._queue))
        return due

    def _start(self, event: Event) -> None:
        try:
            outcome = self._handlers[event.name](*event.args)
        except Exception:  # noqa: BLE001 - one broken event must not stop time for all others
            _log.exception("event %s%s failed", event.name, event.args)
            return
        if outcome is not None:
            self.start(outcome)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("an event failed", exc_info=error)
