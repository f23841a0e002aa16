"""Where Batch's nodes get their virtual machines, each with its own credentials and its own troubles."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from local_azure.clock import Clock
from local_azure.harm import Harm
from local_azure.machines import Machine, MachineSpec
from local_azure.nodes import machines as nodes
from local_azure.nodes.machine import Machine as Node
from local_azure.services.imds.metadata import Metadata
from local_azure.wire.faults import Faults


class Hosting:
    """Machines on disks below *folder*.

    A machine shows proxy credentials of its own at *proxy_url*, by which *metadata* knows its identities. *ca* is the
    CA that the machines trust; *restart* restarts the node of a machine by its key, where its state allows.

    Attributes:
        harm: keeps the machines in the troubles that *faults* want for them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        faults: Faults,
        metadata: Metadata,
        ca: Path,
        proxy_url: Callable[[], str],
        restart: Callable[[str], None],
    ) -> None:
        self._metadata = metadata
        self._proxy_url = proxy_url
        folder.mkdir(exist_ok=True)
        tls = ssl.create_default_context(cafile=str(ca))
        self._nodes = nodes.Machines(folder, clock=clock, tls=tls, proxy=self._proxy)
        self.harm = Harm(faults, clock, self._nodes.all, restart)

    def create(self, spec: MachineSpec) -> Machine:
        """A machine for *spec*, not booted yet."""
        return self._nodes.create(spec, self.harm.of(spec.key))

    def forget(self, key: str) -> None:
        """The machine is gone, and so are its credentials."""
        self._nodes.forget(key)
        self._metadata.forget(key)

    def find(self, key: str) -> Node | None:
        """The machine itself, for tests that want it to misbehave."""
        return self._nodes.all.get(key)

    async def close(self) -> None:
        """Stop all machines."""
        await self._nodes.close()

    def _proxy(self, spec: MachineSpec) -> str:
        password = self._metadata.register(spec.key, spec.identities)
        return self._proxy_url().replace("//", f"//{quote(spec.key, safe='')}:{quote(password, safe='')}@", 1)
