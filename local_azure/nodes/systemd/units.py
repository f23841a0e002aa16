"""The units of one node: found, loaded, started with the node, woken by changes on its disk."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import Disk
from local_azure.nodes.runner import Runner
from local_azure.nodes.systemd.journal import Journal
from local_azure.nodes.systemd.links import wanted_at_boot
from local_azure.nodes.systemd.path_unit import PathUnit
from local_azure.nodes.systemd.processes import Processes
from local_azure.nodes.systemd.service import Service
from local_azure.nodes.systemd.settings import path_settings, service_settings
from local_azure.nodes.systemd.unit_file import BadSettingError, UnitFile, find_unit

Unit = Service | PathUnit
Alarm = Callable[[timedelta, str], str]

_PATIENCE = 10.0  # real seconds for which the clock waits for a service that was started by a change


class Units:
    """The service manager of one node.

    *alarm* asks for a call of `wake` for a unit in so much time, and gives the word that comes with it; *background*
    lets work go on that the clock waits for before it is moved on.

    Attributes:
        journal: what the units say.
    """

    def __init__(
        self,
        disk: Disk,
        accounts: Accounts,
        runner: Runner,
        *,
        now: Callable[[], datetime],
        alarm: Alarm,
        background: Callable[[Awaitable[None]], None],
    ) -> None:
        self.journal = Journal(disk, now)
        self._disk = disk
        self._now = now
        self._alarm = alarm
        self._background = background
        self._processes = Processes(disk, accounts, runner, self.journal)
        self._services: dict[str, Service] = {}
        self._paths: dict[str, PathUnit] = {}
        self._attending: asyncio.Task[None] | None = None

    def file(self, name: str) -> UnitFile | None:
        """The file of the unit called *name* as it is now, or None."""
        return find_unit(self._disk, name)

    def find(self, name: str) -> Unit | None:
        """The unit called *name*, read from its file where it is not loaded yet; None where there is none.

        Raises: BadSettingError, in words for the log.
        """
        unit = self._services.get(name) or self._paths.get(name)
        if unit and (not unit.condition.down or (isinstance(unit, Service) and self.triggers_of(unit))):
            return unit  # systemd, too, holds what it needs as it was when it was loaded
        file = self.file(name)
        if unit and file:
            self._read_again(unit, file)
        return unit or (self._load(file) if file else None)

    def triggers_of(self, service: Service) -> list[PathUnit]:
        """The path units that start *service*."""
        return [path for path in self._paths.values() if path.settings.unit == service.name]

    def read_again(self) -> None:
        """Read the files of all units again; forget what is down and has no file any more."""
        units: list[Unit] = [*self._services.values(), *self._paths.values()]
        for unit in units:
            if file := self.file(unit.name):
                try:
                    self._read_again(unit, file)
                except BadSettingError as error:
                    self.journal.write(unit.name, f"{file.path}: {error}")
            elif unit.condition.down:
                self._services.pop(unit.name, None)
                self._paths.pop(unit.name, None)

    async def boot(self) -> None:
        """Start the units that are enabled; returns once they are up, or take too long for that."""
        for name in wanted_at_boot(self._disk):
            try:
                unit = self.find(name)
            except BadSettingError as error:
                self.journal.write(name, str(error))
                continue
            if isinstance(unit, Service):
                unit.begin()
            elif unit and not unit.begin():
                self.journal.write(name, f"Refusing to start, unit {unit.settings.unit} to trigger not loaded.")
        await self.settled()

    def look(self) -> None:
        """Let path units see what has changed on the disk; what they start goes on in the background."""
        for path in self._paths.values():
            path.look()

    async def settled(self) -> None:
        """Wait until nothing is on its way up or down any more; not for ever."""
        if self._attending:
            await asyncio.wait([self._attending])

    def wake(self, name: str, word: str) -> None:
        """Do what the unit called *name* wanted to do at this time."""
        if service := self._services.get(name):
            service.wake(word)
            self._attend()

    async def close(self) -> None:
        """End all that runs; nothing is known of any unit afterwards."""
        services = list(self._services.values())
        self._services.clear()
        self._paths.clear()
        await asyncio.gather(*(service.abandon() for service in services))

    def _attend(self) -> None:
        """Let the clock wait for what is on its way."""
        if not self._attending or self._attending.done():
            self._attending = asyncio.create_task(self._settle())
            self._background(self._attending)

    async def _settle(self) -> None:
        """Wait for what was begun, and for what that leads to."""
        while True:
            before = [service.run for service in self._services.values()]
            await asyncio.gather(*(service.settle(_PATIENCE) for service in self._services.values()))
            if before == [service.run for service in self._services.values()]:
                return

    def _load(self, file: UnitFile) -> Unit | None:
        if file.name.endswith(".path"):
            path = PathUnit(path_settings(file), self._find_service, self._disk, self._now)
            self._paths[file.name] = path
            return path
        if not file.name.endswith(".service"):
            return None
        service = Service(
            service_settings(file),
            self._processes,
            now=self._now,
            alarm=functools.partial(self._alarm_for, file.name),
            began=self._attend,
            ended=self._ended,
        )
        self._services[file.name] = service
        return service

    def _read_again(self, unit: Unit, file: UnitFile) -> None:
        if file == unit.settings.file:
            return
        if isinstance(unit, Service):
            unit.settings = service_settings(file)
            return
        unit.settings = path_settings(file)
        if unit.condition.up:
            unit.watch_anew()

    def _find_service(self, name: str) -> Service | None:
        try:
            unit = self.find(name)
        except BadSettingError as error:
            self.journal.write(name, str(error))
            return None
        return unit if isinstance(unit, Service) else None

    def _alarm_for(self, name: str, wait: timedelta) -> str:
        return self._alarm(wait, name)

    def _ended(self, service: Service) -> None:
        if service.condition.result != "success":
            self.journal.write(service.name, f"{service.name}: Failed with result '{service.condition.result}'.")
        for path in self.triggers_of(service):
            path.service_ended()
        self.look()
