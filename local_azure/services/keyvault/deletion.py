"""Soft delete of what lies in a vault: kept for the vault's retention, recovered or purged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.state.deleted import Deleted, T
from local_azure.services.keyvault.state.vaults import KeyVaultState, Vault


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of object: what it is called, where a vault keeps the living and the deleted ones, by lower-cased name."""

    name: str
    living: Callable[[Vault], dict[str, T]]
    deleted: Callable[[Vault], dict[str, Deleted[T]]]


class Deletion(Generic[T]):
    """The deleted objects of one kind, in every vault; each is purged by itself when its retention ends.

    *on_delete* and *on_recover* hear of what goes and what comes back.
    Source: "Azure Key Vault soft-delete overview" on Microsoft Learn.
    """

    def __init__(
        self,
        kind: Kind[T],
        state: KeyVaultState,
        clock: Clock,
        *,
        on_delete: Callable[[Vault, T], None] = lambda _vault, _item: None,
        on_recover: Callable[[Vault, T], None] = lambda _vault, _item: None,
    ) -> None:
        self._kind = kind
        self._state = state
        self._clock = clock
        self._on_delete = on_delete
        self._on_recover = on_recover
        self._purge = f"keyvault.purge-{kind.name}"
        clock.on(self._purge, self._expire)

    def delete(self, vault: Vault, name: str) -> Deleted[T]:
        """Soft-delete the object with all its versions. Raises: AzureError 404."""
        item = self._kind.living(vault).pop(name.lower(), None)
        if item is None:
            raise errors.object_not_found(self._kind.name, name)
        self._on_delete(vault, item)
        now = self._clock.now()
        deleted = Deleted(item, now, now + vault.retention)
        self._kind.deleted(vault)[name.lower()] = deleted
        self._clock.schedule(deleted.purge_at, self._purge, vault.name, name.lower())
        return deleted

    def get(self, vault: Vault, name: str) -> Deleted[T]:
        """The deleted object. Raises: AzureError 404."""
        deleted = self._kind.deleted(vault).get(name.lower())
        if deleted is None:
            raise errors.deleted_not_found(self._kind.name, name)
        return deleted

    def all(self, vault: Vault) -> list[Deleted[T]]:
        """Every deleted object of the vault, by name."""
        return [deleted for _, deleted in sorted(self._kind.deleted(vault).items())]

    def recover(self, vault: Vault, name: str) -> T:
        """Bring the object back as it was. Raises: AzureError 404."""
        item = self.get(vault, name).item
        self._forget(vault, name)
        self._kind.living(vault)[name.lower()] = item
        self._on_recover(vault, item)
        return item

    def purge(self, vault: Vault, name: str) -> None:
        """Remove the object for good. Raises: AzureError 404; 403 where purge protection is on."""
        self.get(vault, name)
        if vault.purge_protection:
            raise errors.purge_protected()
        self._forget(vault, name)

    def _forget(self, vault: Vault, name: str) -> None:
        self._clock.cancel(self._purge, vault.name, name.lower())
        del self._kind.deleted(vault)[name.lower()]

    def _expire(self, vault_name: str, name: str) -> None:
        gone = self._state.deleted.get(vault_name.lower())
        vault = self._state.vaults.get(vault_name.lower()) or (gone.item if gone else None)
        deleted = self._kind.deleted(vault).get(name) if vault else None
        if vault and deleted and deleted.purge_at <= self._clock.now():  # else a later namesake's
            del self._kind.deleted(vault)[name]
