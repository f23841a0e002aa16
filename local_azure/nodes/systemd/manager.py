"""The service manager of one node, which is made once the node has something to manage."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import Disk
from local_azure.nodes.runner import Runner
from local_azure.nodes.systemd.answer import Answer
from local_azure.nodes.systemd.links import wanted_at_boot
from local_azure.nodes.systemd.systemctl import Systemctl
from local_azure.nodes.systemd.units import Units

__all__ = ["Answer", "ServiceManager"]


class ServiceManager:
    """Stands before `Units` and `Systemctl`, so that a node without units of its own costs next to nothing."""

    def __init__(
        self,
        disk: Disk,
        accounts: Accounts,
        runner: Runner,
        *,
        now: Callable[[], datetime],
        alarm: Callable[[timedelta, str], str],
        background: Callable[[Awaitable[None]], None],
    ) -> None:
        self._disk = disk
        self._now = now
        self._runner = runner
        self._make = functools.partial(Units, disk, accounts, runner, now=now, alarm=alarm, background=background)
        self._units: Units | None = None
        self._systemctl: Systemctl | None = None

    async def boot(self) -> None:
        """Start the units that are enabled."""
        if wanted_at_boot(self._disk):
            await self._made()[0].boot()

    async def look(self) -> None:
        """Let path units see what has changed on the disk, and wait for what they start; not for ever."""
        if self._units:
            self._units.look()
            await self._units.settled()

    def wake(self, unit: str, word: str) -> None:
        """Let a unit do what it wanted to do at this time."""
        if self._units:
            self._units.wake(unit, word)

    async def systemctl(self, words: Sequence[str], user: str) -> Answer:
        """Do what a command `systemctl` says."""
        return await self._made()[1].answer(words, user)

    async def close(self) -> None:
        """End all that runs; nothing is known of any unit afterwards."""
        units, self._units, self._systemctl = self._units, None, None
        self._runner.after_each = lambda: None
        if units:
            await units.close()

    def _made(self) -> tuple[Units, Systemctl]:
        if not self._units or not self._systemctl:
            self._units = self._make()
            self._systemctl = Systemctl(self._units, self._disk, self._now)
            self._runner.after_each = self._units.look
        return self._units, self._systemctl
