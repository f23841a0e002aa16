"""Pools: created, changed, resized, deleted; the rules, without HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.batch.accounts import POOL_QUOTA
from local_azure.services.batch.defaults import completed
from local_azure.services.batch.errors import fixed, refusal
from local_azure.services.batch.pool_identities import PoolIdentities
from local_azure.services.batch.scaling import Scaling
from local_azure.services.batch.spelling import public
from local_azure.services.batch.state import Account, Pool
from local_azure.services.batch.validation.pool import check_name, check_pool, check_retired
from local_azure.wire.messages import Caller

# Pool, "can be updated only when the pool is empty" in the models of azure-batch 15.1: everything else.
_CHANGE_ANY_TIME = frozenset(
    {"applicationPackages", "metadata", "scaleSettings", "startTask", "targetNodeCommunicationMode"}
)
_CHANGE_WHEN_EMPTY_SINCE = "2024-07-01"  # api-version; before it the rest could never be changed


class Pools:
    """The pools of all accounts. A caller's condition is If-Match or If-None-Match as it was sent, "" for none."""

    def __init__(self, access: Access, clock: Clock, identities: PoolIdentities, scaling: Scaling) -> None:
        self._access = access
        self._clock = clock
        self._identities = identities
        self._scaling = scaling

    def get(self, account: Account, name: str) -> Pool:
        """The pool. Raises: AzureError 404 `PoolNotFound`."""
        try:
            return account.pools[name.lower()]
        except KeyError:
            raise refusal("PoolNotFound") from None

    def all(self, account: Account) -> list[Pool]:
        """The account's pools, by name."""
        return [account.pools[name] for name in sorted(account.pools)]

    def put(
        self,
        account: Account,
        name: str,
        body: dict[str, Any],
        caller: Caller,
        *,
        api_version: str,
        if_match: str = "",
        if_none_match: str = "",
    ) -> Pool:
        """Create the pool, or replace it whole where it exists.

        Raises: AzureError 400 for what Batch does not accept, 409 for what the pool's state does not allow, 412 for a
        condition that does not hold.
        """
        check_name(name)
        known = account.pools.get(name.lower())
        check_conditions(known, if_match, if_none_match)
        given = body.get("properties") or {}
        check_retired(given, api_version)
        properties = completed(given)
        check_pool(properties, self._clock.now())
        identities = self._identities.checked(account, name, body.get("identity"), caller)
        if known is None:
            return self._create(account, name, properties, identities)
        self._change(account, known, _keeping_secrets(known.properties, properties), api_version)
        known.identities = identities
        return known

    def patch(
        self, account: Account, name: str, body: dict[str, Any], caller: Caller, *, api_version: str, if_match: str = ""
    ) -> Pool:
        """Change the properties that *body* names; identities are added to those the pool has.

        Raises: as `put`, and 404 `PoolNotFound`.
        """
        pool = self.get(account, name)
        check_conditions(pool, if_match, "")
        given = body.get("properties") or {}
        check_retired(given, api_version)
        properties = completed({**pool.properties, **given})
        check_pool(properties, self._clock.now())
        added = self._identities.checked(account, name, body.get("identity"), caller)
        self._change(account, pool, _keeping_secrets(pool.properties, properties), api_version)
        pool.identities = self._identities.merged(pool.identities, added, body.get("identity"))
        return pool

    def delete(self, account: Account, name: str, *, if_match: str = "") -> Pool:
        """Let the pool go: its nodes leave first. Raises: AzureError 404, 409 where it is going already."""
        pool = self.get(account, name)
        check_conditions(pool, if_match, "")
        if pool.deleting:
            raise refusal("PoolBeingDeleted")
        pool.provisioning_state, pool.provisioning_since = "Deleting", self._clock.now()
        self._scaling.empty(account, pool)
        return pool

    def delete_all(self, accounts: Iterable[Account]) -> None:
        """Let all pools of *accounts* go, and each account with its last pool."""
        for account in accounts:
            account.provisioning_state = "Deleting"
            for pool in list(account.pools.values()):
                if not pool.deleting:
                    self.delete(account, pool.name)

    def scale(self, account: Account, pool: Pool, scale: dict[str, Any]) -> None:
        """Set other scale settings, as a resize does; they are checked.

        Raises: AzureError 400 for bad ones, 409 while the pool is resizing or being deleted.
        """
        properties = completed({**pool.properties, "scaleSettings": scale})
        check_pool(properties, self._clock.now())
        self._refuse_deleting(pool)
        self._resize(account, pool, properties)
        pool.properties = properties
        pool.touch(self._clock.now())

    def stop_resize(self, pool: Pool) -> None:
        """Stop a resize that is under way. Raises: AzureError 409 where none is."""
        self._scaling.stop(pool)
        self._take_target(pool)

    def _create(self, account: Account, name: str, properties: dict[str, Any], identities: list[str]) -> Pool:
        if len(account.pools) >= POOL_QUOTA:
            raise refusal("PoolQuotaReached")
        now = self._clock.now()
        pool = Pool(name, properties, now, now, provisioning_since=now, allocation_since=now, identities=identities)
        account.pools[name.lower()] = pool
        self._resize(account, pool, properties)
        return pool

    def _change(self, account: Account, pool: Pool, properties: dict[str, Any], api_version: str) -> None:
        self._refuse_deleting(pool)
        empty = not pool.nodes and pool.allocation_state == "Steady" and api_version >= _CHANGE_WHEN_EMPTY_SINCE
        names = sorted(set(properties) | set(pool.properties))
        changed = [name for name in names if properties.get(name) != pool.properties.get(name)]
        for name in changed:
            if not empty and name not in _CHANGE_ANY_TIME:
                raise fixed(name)
        if "scaleSettings" in changed:
            self._resize(account, pool, properties)
        pool.properties = properties
        pool.touch(self._clock.now())

    def _refuse_deleting(self, pool: Pool) -> None:
        if pool.deleting:
            raise refusal("PoolBeingDeleted")

    def _resize(self, account: Account, pool: Pool, properties: dict[str, Any]) -> None:
        scale = properties["scaleSettings"]["fixedScale"]
        self._scaling.begin(
            account,
            pool,
            dedicated=scale["targetDedicatedNodes"],
            low_priority=scale["targetLowPriorityNodes"],
            timeout=scale["resizeTimeout"],
            option=scale.get("nodeDeallocationOption", "Requeue"),
        )

    def _take_target(self, pool: Pool) -> None:
        if pool.resize is not None:
            scale = pool.properties["scaleSettings"]["fixedScale"]
            scale["targetDedicatedNodes"] = pool.resize.dedicated
            scale["targetLowPriorityNodes"] = pool.resize.low_priority
        pool.touch(self._clock.now())


def check_conditions(pool: Pool | None, if_match: str, if_none_match: str) -> None:
    """Raises: AzureError 412 `ConditionNotMet`; ETags are compared without weakness marks and quotes."""
    etag = pool.etag if pool else ""
    refused = if_match and (pool is None or (if_match != "*" and _bare(if_match) != etag))
    if if_none_match and pool is not None and (if_none_match == "*" or _bare(if_none_match) == etag):
        refused = True
    if refused:
        raise refusal("ConditionNotMet")


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


def _keeping_secrets(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """*new*, with the secrets of *old* where a client writes back what it has read, which shows none."""
    return {
        name: old[name] if name in old and value == public(value) == public(old[name]) else value
        for name, value in new.items()
    }
