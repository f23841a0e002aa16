"""One path unit of a node: it starts another unit when something changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from local_azure.nodes.disk import Disk
from local_azure.nodes.systemd.condition import Condition
from local_azure.nodes.systemd.rate import Rate
from local_azure.nodes.systemd.service import Service
from local_azure.nodes.systemd.settings import PathSettings
from local_azure.nodes.systemd.watches import Watch

Find = Callable[[str], Service | None]


class PathUnit:
    """A path unit of a node; *find* gives the service that it starts.

    As long as the service runs, nothing is watched: a change meanwhile is lost, as it is with systemd.

    Attributes:
        settings: what its file asks for.
        condition: its state; "waiting" is the one in which it watches.
        service: what it starts, once it was started itself.
    """

    def __init__(self, settings: PathSettings, find: Find, disk: Disk, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self.service: Service | None = None
        self._find = find
        self.condition = Condition(now)
        self._disk = disk
        self._now = now
        self._triggers = Rate()
        self._watches: list[Watch] = []

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.settings.file.name

    @property
    def waiting(self) -> bool:
        """Whether it watches."""
        return self.condition.sub == "waiting"

    async def start(self) -> bool:
        """`begin`, in the way of a service."""
        return self.begin()

    async def stop(self) -> None:
        """Watch no more; the service goes on."""
        if self.condition.up:
            self.condition.move("inactive", "dead")

    def begin(self) -> bool:
        """Watch from now on, and start the service where what is asked for is there already.

        Returns False where there is no such service.
        """
        if self.condition.up:
            return True
        self.service = self._find(self.settings.unit)
        if not self.service:
            self._fail("resources")
            return False
        for kind, path in self.settings.watched:
            if self.settings.make and not kind.startswith("PathExists"):
                self._disk.mkdir(path)
        self.condition.result = "success"
        self.watch_anew()
        return True

    def watch_anew(self) -> None:
        """Watch what the settings ask for now."""
        self._watches = [Watch(kind, self._disk.host(path)) for kind, path in self.settings.watched]
        self._wait()

    def reset(self) -> None:
        """Forget that it failed."""
        self._triggers.forget()
        if self.condition.active == "failed":
            self.condition.result = "success"
            self.condition.move("inactive", "dead")

    def look(self) -> None:
        """Start the service where something has changed."""
        if self.waiting and any(watch.met() for watch in self._watches):
            self._trigger()

    def service_ended(self) -> None:
        """Watch again, unless the service is to start no more, or is only on its way to a restart."""
        if not self.condition.up or not self.service or not self.service.condition.down:
            return
        if self.service.condition.result == "start-limit-hit":
            self._fail("unit-start-limit-hit")
        elif self.condition.sub == "running":
            self._wait()

    def _wait(self) -> None:
        for watch in self._watches:
            watch.begin()
        self.condition.move("active", "waiting")
        if any(watch.holds() for watch in self._watches):
            self._trigger()

    def _trigger(self) -> None:
        if not self._triggers.allows(self.settings.limit, self._now()):
            self._fail("trigger-limit-hit")
            return
        self.condition.move("active", "running")
        if self.service:
            self.service.begin()

    def _fail(self, result: str) -> None:
        self.condition.result = result
        self.condition.move("failed", "failed")
