"""Management locks: the rules; knows no HTTP.

Sources: "Lock your Azure resources to protect your infrastructure" on Microsoft Learn and Management Locks REST
2016-09-01; hashicorp/terraform-provider-azurerm#17478 for the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from local_azure.services.arm.access import Access
from local_azure.services.arm.locks import errors
from local_azure.wire.messages import Request

CANNOT_DELETE, READ_ONLY, NOT_SPECIFIED = "CanNotDelete", "ReadOnly", "NotSpecified"
LOCK_TYPE = "Microsoft.Authorization/locks"
_LEVELS = (CANNOT_DELETE, READ_ONLY, NOT_SPECIFIED)
_NAME = re.compile(r"[^<>%&:\\?/\x00-\x1f]{1,260}")
_MOST_NOTES = 512
_READS = frozenset({"GET", "HEAD"})


@dataclass
class Lock:
    """A lock on a scope and all below it. *owners* are client ids of applications."""

    name: str
    scope: str
    level: str
    notes: str = ""
    owners: list[str] = field(default_factory=list)


@dataclass
class LocksState:
    """The locks, by lower-cased ARM id."""

    locks: dict[str, Lock] = field(default_factory=dict)


class Locks:
    """The subscription's locks. They hold on the management plane alone: what lies in a vault is not locked."""

    def __init__(self, access: Access, state: LocksState | None = None) -> None:
        self.access = access
        self.state = state or LocksState()
        access.checks.append(self.check)

    def put(self, lock: Lock) -> bool:
        """Set *lock*, or replace one of its name at its scope; says whether it is new. Raises: AzureError 400."""
        if not _NAME.fullmatch(lock.name):
            raise errors.invalid("name", lock.name)
        if lock.level not in _LEVELS:
            raise errors.invalid("level", lock.level)
        if len(lock.notes) > _MOST_NOTES:
            raise errors.invalid("notes", f"{lock.notes[:20]}...")
        created = _key(lock.scope, lock.name) not in self.state.locks
        self.state.locks[_key(lock.scope, lock.name)] = lock
        return created

    def get(self, scope: str, name: str) -> Lock:
        """The lock at exactly this scope. Raises: AzureError 404 `LockNotFound`."""
        known = self.state.locks.get(_key(scope, name))
        if known is None:
            raise errors.not_found(scope, name)
        return known

    def delete(self, scope: str, name: str) -> bool:
        """Take the lock away; says whether there was one."""
        return self.state.locks.pop(_key(scope, name), None) is not None

    def listed(self, scope: str, *, at_scope: bool) -> list[Lock]:
        """The locks that hold at *scope*, and those below it unless *at_scope*."""
        return self._where(lambda lock: _within(scope, lock.scope) or (not at_scope and _within(lock.scope, scope)))

    def check(self, request: Request) -> None:
        """Raises: AzureError 409 `ScopeLocked`, where a lock keeps *request* from what it is about to do.

        Whatever is not read is a write to a read-only scope, `listKeys` too. What is deleted must have no lock below
        it either. Locks themselves are changed in spite of locks.
        """
        path = request.path.rstrip("/")
        if request.method in _READS or f"/providers/{LOCK_TYPE}/".lower() in f"{path}/".lower():
            return
        deleted = request.method == "DELETE"
        levels = {CANNOT_DELETE, READ_ONLY} if deleted else {READ_ONLY}
        found = self._where(
            lambda lock: lock.level in levels and (_within(path, lock.scope) or (deleted and _within(lock.scope, path)))
        )
        if found:
            raise errors.scope_locked(path, "delete" if deleted else "write", [lock.scope for lock in found])

    def _where(self, holds: Callable[[Lock], bool]) -> list[Lock]:
        return [lock for _, lock in sorted(self.state.locks.items()) if holds(lock)]


def lock_id(lock: Lock) -> str:
    """The ARM id of a lock."""
    return f"{lock.scope}/providers/{LOCK_TYPE}/{lock.name}"


def _key(scope: str, name: str) -> str:
    return f"{scope}/{name}".lower()


def _within(scope: str, above: str) -> bool:
    """Whether *scope* is *above* or lies below it, segment by segment and without regard to case."""
    return f"{scope}/".lower().startswith(f"{above}/".lower())
