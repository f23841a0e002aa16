"""Pools: created, changed, deleted; the rules, without HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.pools.changes import changed_names, keeping_secrets
from local_azure.services.batch.pools.identities import PoolIdentities
from local_azure.services.batch.protocol.conditions import check_conditions
from local_azure.services.batch.protocol.shapes import members
from local_azure.services.batch.scaling.pool_scale import PoolScale
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import Pool
from local_azure.services.batch.validation.defaults import completed
from local_azure.services.batch.validation.pool import check_name, check_pool, check_retired
from local_azure.wire.messages import Caller


class Pools:
    """The pools of all accounts. A caller's condition is If-Match or If-None-Match as it was sent, "" for none."""

    def __init__(self, access: Access, clock: Clock, identities: PoolIdentities, scale: PoolScale) -> None:
        self._access = access
        self._clock = clock
        self._identities = identities
        self._scale = scale

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
        given = _given(body)
        check_retired(given, api_version)
        properties = completed(given)
        check_pool(properties, self._clock.now())
        identities = self._identities.checked(account, name, body.get("identity"), caller)
        if known is None:
            return self._create(account, name, properties, identities)
        return self._change(account, known, properties, identities, api_version=api_version)

    def patch(
        self, account: Account, name: str, body: dict[str, Any], caller: Caller, *, api_version: str, if_match: str = ""
    ) -> Pool:
        """Change the properties that *body* names; identities are added to those the pool has.

        Raises: as `put`, and 404 `PoolNotFound`.
        """
        pool = self.get(account, name)
        check_conditions(pool, if_match, "")
        given = _given(body)
        check_retired(given, api_version)
        changes = {key: value for key, value in given.items() if value is not None}
        properties = completed({**pool.properties, **changes})
        check_pool(properties, self._clock.now())
        added = self._identities.checked(account, name, body.get("identity"), caller)
        identities = self._identities.merged(pool.identities, added, body.get("identity"))
        return self._change(account, pool, properties, identities, api_version=api_version)

    def delete(self, account: Account, name: str, *, if_match: str = "") -> Pool:
        """Let the pool go: its nodes leave first. Raises: AzureError 404, 409 where it is going already."""
        pool = self.get(account, name)
        check_conditions(pool, if_match, "")
        if pool.deleting:
            raise refusal("PoolBeingDeleted")
        pool.provisioning_state, pool.provisioning_since = "Deleting", self._clock.now()
        self._scale.empty(account, pool)
        return pool

    def delete_all(self, accounts: Iterable[Account]) -> None:
        """Let all pools of *accounts* go, and each account with its last pool."""
        for account in accounts:
            account.provisioning_state = "Deleting"
            for pool in list(account.pools.values()):
                if not pool.deleting:
                    self.delete(account, pool.name)

    def _create(self, account: Account, name: str, properties: dict[str, Any], identities: list[str]) -> Pool:
        if len(account.pools) >= account.quotas.pools:
            raise refusal("PoolQuotaReached")
        now = self._clock.now()
        pool = Pool(name, properties, now, now, provisioning_since=now, allocation_since=now, identities=identities)
        account.pools[name.lower()] = pool
        self._scale.apply(account, pool)
        return pool

    def _change(
        self, account: Account, pool: Pool, wanted: dict[str, Any], identities: list[str], *, api_version: str
    ) -> Pool:
        self._refuse_deleting(pool)
        properties = keeping_secrets(pool.properties, wanted)
        rescaled = "scaleSettings" in changed_names(pool, properties, api_version)
        if rescaled and pool.allocation_state != "Steady":
            raise refusal("PoolBeingResized")
        pool.identities = identities  # before new machines are made, which bear them where the pool was empty
        pool.properties = properties
        if rescaled:
            self._scale.apply(account, pool)
        pool.touch(self._clock.now())
        return pool

    def _refuse_deleting(self, pool: Pool) -> None:
        if pool.deleting:
            raise refusal("PoolBeingDeleted")


def _given(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    return {} if properties is None else members(properties, "properties")
