"""Vaults in their soft-deleted state: kept for the retention, recovered or purged."""

from __future__ import annotations

from collections.abc import Callable

from local_azure.clock import Clock
from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.services.keyvault.vaults import errors as vault_errors
from local_azure.services.keyvault.vaults.body import VaultChange
from local_azure.services.keyvault.vaults.vaults import Vaults

_PURGE = "keyvault.purge-vault"


class DeletedVaults:
    """The subscription's deleted vaults; each is purged by itself when its retention ends.

    Those who hold something in a vault learn through `on_recover` that it is back.
    Source: "Azure Key Vault soft-delete overview" on Microsoft Learn; soft delete is always on.
    """

    def __init__(self, vaults: Vaults, clock: Clock) -> None:
        self._vaults = vaults
        self._state = vaults.state
        self._clock = clock
        self.on_recover: list[Callable[[Vault], None]] = []
        clock.on(_PURGE, self._forget)
        vaults.groups.on_delete.append(self._delete_all)

    def delete(self, group: str, name: str) -> bool:
        """Soft-delete the vault; says whether there was one. Raises: AzureError 404 without the group."""
        self._vaults.groups.get(group)
        vault = self._state.vaults.get(name.lower())
        if vault is None or vault.group.lower() != group.lower():
            return False
        del self._state.vaults[name.lower()]
        now = self._clock.now()
        deleted = Deleted(vault, now, now + vault.retention)
        self._state.deleted[name.lower()] = deleted
        self._clock.schedule(deleted.purge_at, _PURGE, name.lower())
        return True

    def get(self, location: str, name: str) -> Deleted[Vault]:
        """The deleted vault. Raises: AzureError 404 `DeletedVaultNotFound`."""
        deleted = self._state.deleted.get(name.lower())
        if deleted is None or deleted.item.location != location.replace(" ", "").lower():
            raise vault_errors.deleted_not_found(name)
        return deleted

    def all(self) -> list[Deleted[Vault]]:
        """Every deleted vault, by name."""
        return [deleted for _, deleted in sorted(self._state.deleted.items())]

    def recover(self, group: str, name: str, change: VaultChange) -> Vault:
        """Bring the vault back as it was, into the group it was in.

        Raises: AzureError 404 where no deleted vault has the name, group and location.
        """
        self._vaults.groups.get(group)
        deleted = self.get(change.location, name)
        if deleted.item.group.lower() != group.lower():
            raise vault_errors.deleted_not_found(name)
        self._forget(name.lower())
        self._state.vaults[name.lower()] = deleted.item
        for tell in self.on_recover:
            tell(deleted.item)
        return deleted.item

    def purge(self, location: str, name: str) -> None:
        """Remove the vault for good. Raises: AzureError 404; 405 where purge protection is on."""
        if self.get(location, name).item.purge_protection:
            raise vault_errors.purge_not_allowed()
        self._forget(name.lower())

    def _forget(self, name: str) -> None:
        self._clock.cancel(_PURGE, name)
        self._state.deleted.pop(name, None)

    def _delete_all(self, group: str) -> None:
        for vault in self._vaults.all(group):
            self.delete(group, vault.name)
