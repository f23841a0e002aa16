"""Brings the fault rules about nodes to the machines, those that run and those to come, and takes them back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from local_azure.clock import Clock
from local_azure.nodes.machine import Machine
from local_azure.nodes.troubles import DOMAIN, Troubles
from local_azure.wire.faults import Faults, Rule

_OVER = "faults.over"


class Harm:
    """Keeps each of *machines*, which go by their key, in the troubles that the rules want for it.

    *restart* restarts the node of a machine, where its state allows: some troubles show only when a node starts.
    """

    def __init__(
        self, faults: Faults, clock: Clock, machines: Mapping[str, Machine], restart: Callable[[str], None]
    ) -> None:
        self._faults = faults
        self._clock = clock
        self._machines = machines
        self._restart = restart
        self._applying = asyncio.Lock()
        clock.on(_OVER, self.apply)

    def of(self, key: str) -> Troubles:
        """What the rules want for the machine called *key*."""
        return Troubles.of(self._faults.cling(DOMAIN, key))

    def expect_end(self, rule: Rule) -> None:
        """Come back when *rule* is over, where it has an end."""
        if rule.when.until:
            self._clock.schedule(rule.when.until, _OVER)

    async def apply(self) -> None:
        """Bring every machine to what the rules want now."""
        self._clock.touch()
        async with self._applying:
            for machine in list(self._machines.values()):
                before, wanted = machine.troubles, self.of(machine.key)
                if before != wanted:
                    await machine.suffer(wanted)
                if before.of_start != wanted.of_start:
                    self._restart(machine.key)
