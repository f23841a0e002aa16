"""Where virtual machines come from, and what they share."""

from __future__ import annotations

import functools
import logging
import shutil
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from local_azure.clock import Clock
from local_azure.machines import MachineSpec
from local_azure.nodes.leftovers import Warden
from local_azure.nodes.machine import Machine
from local_azure.nodes.outside import Network, Outside
from local_azure.nodes.polls import Polled, Polls
from local_azure.nodes.troubles import NONE, Troubles

_SHIMS = Path(__file__).with_name("shims")


class Machines:
    """Makes the machines of one embedded Azure, each on a disk below *folder*, and wakes them by *clock*.

    *tls* verifies what answers behind the proxy; *proxy* gives the proxy's URL for a machine, with credentials by which
    the instance metadata service knows which machine asks.
    """

    def __init__(self, folder: Path, *, clock: Clock, tls: ssl.SSLContext, proxy: Callable[[MachineSpec], str]) -> None:
        # Resolved, since commands print resolved paths and those are to be found in their output (macOS: /private/tmp).
        self._folder = folder.resolve()
        self._clock = clock
        self._network = Network(tls)
        self._proxy = proxy
        self._machines: dict[str, Machine] = {}
        self._polls = Polls(clock, self._polled)
        self._shims = self._install_shims()
        self._warden = Warden(f"TMPDIR={self._folder}/")
        _quieten()

    @property
    def all(self) -> Mapping[str, Machine]:
        """The machines by key."""
        return self._machines

    def create(self, spec: MachineSpec, troubles: Troubles = NONE) -> Machine:
        """A machine for *spec*, in *troubles* and not booted yet; its disk is found again if it exists.

        A machine of the same key that was created before is to be closed first.
        """
        self._warden.start()
        machine = Machine(
            spec,
            self._folder.joinpath(*(quote(part, safe="") for part in spec.key.split("/"))),
            clock=self._clock,
            outside=Outside(self._network, self._proxy(spec)),
            shims=self._shims,
            schedule=functools.partial(self._polls.schedule, spec.key),
            troubles=troubles,
        )
        self._machines[spec.key] = machine
        return machine

    def forget(self, key: str) -> None:
        """Let go of a machine that is closed."""
        self._machines.pop(key, None)

    async def close(self) -> None:
        """Stop all machines and all that was started on them; their disks stay."""
        for machine in self._machines.values():
            await machine.close(wipe=False)
        self._machines.clear()
        await self._warden.close()
        await self._network.lines.close()

    def _polled(self, key: str) -> Polled | None:
        return self._machines[key].agent.service if key in self._machines else None

    def _install_shims(self) -> Path:
        """Copy the shims beside the disks: an installed package's files need not be executable."""
        target = self._folder / ".shims"
        shutil.copytree(_SHIMS, target, dirs_exist_ok=True)
        for shim in target.iterdir():
            shim.chmod(0o755)
        return target


def _quieten() -> None:
    """Keep libraries from writing a line for every connection and request of every node."""
    for name in ("asyncssh",):
        logging.getLogger(name).setLevel(logging.WARNING)
