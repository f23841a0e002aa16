"""Where virtual machines come from, and what they share."""

from __future__ import annotations

import functools
import logging
import shutil
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from local_azure.clock import Clock
from local_azure.machines import MachineSpec
from local_azure.nodes.alarms import Alarms
from local_azure.nodes.calls import Calls
from local_azure.nodes.leftovers import Warden
from local_azure.nodes.machine import Machine
from local_azure.nodes.outside import Network, Outside
from local_azure.nodes.polls import Polled, Polls
from local_azure.nodes.runner import HOST_PROGRAMS
from local_azure.nodes.troubles import NONE, Troubles

_SHIMS = Path(__file__).with_name("shims")
_IF_THE_HOST_HAS_IT = ("openssl",)  # shims that end in the host's program: without it, a node has none either


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
        self._alarms = Alarms(clock, self._machines.get)
        self._shims = self._install_shims()
        self._calls = Calls(self._folder / ".calls", self._called)
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
        self._calls.open()
        machine = Machine(
            spec,
            self._folder.joinpath(*(quote(part, safe="") for part in spec.key.split("/"))),
            clock=self._clock,
            outside=Outside(self._network, self._proxy(spec)),
            shims=self._shims,
            schedule=functools.partial(self._polls.schedule, spec.key),
            alarm=functools.partial(self._alarms.set, spec.key),
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
        await self._calls.close()
        await self._warden.close()
        await self._network.lines.close()

    def _polled(self, key: str) -> Polled | None:
        machine = self._machines.get(key)
        return machine if machine and machine.agent.service else None

    async def _called(self, folder: Path, user: str, words: Sequence[str]) -> tuple[int, Sequence[str], Sequence[str]]:
        """A command of the node in *folder* asks its service manager."""
        machine = next((found for found in self._machines.values() if found.disk.folder == folder), None)
        if not machine:
            raise FileNotFoundError(folder)
        answer = await machine.systemctl(words, user)
        return answer.code, answer.out, answer.err

    def _install_shims(self) -> Path:
        """Copy the shims beside the disks: an installed package's files need not be executable."""
        target = self._folder / ".shims"
        missing = [name for name in _IF_THE_HOST_HAS_IT if not shutil.which(name, path=HOST_PROGRAMS)]
        shutil.copytree(_SHIMS, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*missing))
        for shim in _SHIMS.iterdir():
            if shim.name not in missing:
                (target / shim.name).chmod(0o755)
        return target


def _quieten() -> None:
    """Keep libraries from writing a line for every connection and request of every node."""
    for name in ("asyncssh",):
        logging.getLogger(name).setLevel(logging.WARNING)
