"""What survives a restart: everything but open connections, in one file that only its owner can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter

from local_azure.clock import Event
from local_azure.services.arm.access import AccessState
from local_azure.services.arm.groups import GroupsState
from local_azure.services.arm.locks.locks import LocksState
from local_azure.services.arm.providers.providers import ProvidersState
from local_azure.services.batch.service import BatchState
from local_azure.services.keyvault.service import KeyVaultState
from local_azure.services.msi.identities import IdentitiesState
from local_azure.settings import Settings
from local_azure.wire.faults import FaultsState
from local_azure.wire.private_file import write_private


@dataclass
class Saved:
    """The state of one embedded Azure."""

    settings: Settings
    offset: timedelta
    events: list[Event]
    access: AccessState
    groups: GroupsState
    identities: IdentitiesState
    keyvault: KeyVaultState
    batch: BatchState
    speed: float = 1.0
    faults: FaultsState = field(default_factory=FaultsState)
    providers: ProvidersState = field(default_factory=ProvidersState)
    locks: LocksState = field(default_factory=LocksState)


class StateFile:
    """The file; it is replaced whole, so that a crash leaves the old state or the new one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._adapter = TypeAdapter(Saved)

    def load(self) -> Saved | None:
        """What was saved last, or None for a new folder. Raises: ValueError where the file cannot be read."""
        return self._adapter.validate_json(self._file.read_bytes()) if self._file.exists() else None

    def save(self, saved: Saved) -> None:
        """Write *saved*, 0600: it holds the private keys of the embedded vaults and the client secret."""
        draft = self._file.with_suffix(".new")
        write_private(draft, self._adapter.dump_json(saved))
        draft.replace(self._file)
