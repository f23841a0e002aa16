"""Looking around before anything is written: every read that a run's preflight needs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from batchcert.plan.access import ObservedGrant
from batchcert.plan.account import ObservedAccount, SupportedImage, VmSize
from batchcert.plan.certificate import DeletedCertificate, ObservedCertificate
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.permissions import Permission
from batchcert.plan.pool import ObservedPool
from batchcert.plan.rights import Need
from batchcert.plan.surroundings import Surroundings, Wanted
from batchcert.plan.vault import ObservedVault
from batchcert.problems import Problem, Problems
from tasks.azure_api import certificates, grants, identities, nodes, pools, vaults
from tasks.azure_api.clients import Azure, Caller

T = TypeVar("T")
# What keeps every read from succeeding in the same way is told once.
_SAID_ONCE = frozenset(
    {"azure-wrong-target", "azure-unreachable", "azure-unavailable", "azure-throttled", "azure-token-refused"}
)


@dataclass
class Look:
    """One look around. A read that fails does not stop the others: its Problem is kept in *problems*.

    *unread* names what could not be read, as `Surroundings` does; *notes* tells of what a run can do without.
    """

    azure: Azure
    wanted: Wanted
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    @functools.cached_property
    def caller(self) -> Caller:
        """Who runs this. Raises: the Problem of signing in, without which nothing can be read."""
        return self.azure.caller()

    def around(self) -> Surroundings:
        """Everything that can be read.

        Raises: the Problem of signing in; those found, where Azure never answered.
        """
        _ = self.caller
        account, pool, sizes = self._batch()
        identity = self._identity()
        vault, soft_deleted = self._vault()
        certificates, deleted = self._certificates(vault) if vault else ({}, {})
        return Surroundings(
            wanted=self.wanted,
            account=account,
            identity=identity,
            vault=vault,
            vault_soft_deleted=soft_deleted,
            certificates=certificates,
            deleted=deleted,
            grants=self._grants(vault, identity.principal_id) if vault and identity else (),
            pool=pool,
            images=self._images(account) if account else None,
            sizes=sizes,
            now=self._now(),
            unread=frozenset(self.unread),
        )

    def permissions(self, needed: Sequence[Need]) -> dict[str, list[Permission]]:
        """What whoever runs this may do at each scope of *needed*; a scope at which that cannot be read is left out."""
        held = {}
        with self.azure.grants(self.wanted.target.subscription_id) as api:
            for scope in dict.fromkeys(need.scope for need in needed):
                try:
                    held[scope] = grants.permissions_at(api, scope)
                except Problem:
                    continue
        return held

    def _batch(self) -> tuple[ObservedAccount | None, ObservedPool | None, list[VmSize] | None]:
        target, name = self.wanted.target, self.wanted.pool.name
        with self.azure.pools(target.subscription_id) as api:
            account = self._try("account", lambda: pools.read_account(api, target.account_id))
            pool = self._try("pool", lambda: pools.read(api, target.pool_id(name))) if account else None
            # listed at the subscription, where whoever runs this may have no role at all
            sizes = self._try("sizes", lambda: pools.vm_sizes(api, target.region), needed=False)
            return account, pool, sizes

    def _identity(self) -> ObservedIdentity | None:
        identity = self.wanted.identity.resource(self.wanted.target)
        with self.azure.identities(identity.subscription) as api:
            return self._try("identity", lambda: identities.read(api, identity))

    def _vault(self) -> tuple[ObservedVault | None, bool]:
        target = self.wanted.target
        resource = self.wanted.vault.resource(target)
        with self.azure.vaults(resource.subscription) as api:
            vault = self._try("vault", lambda: vaults.read(api, resource))
            gone = None if vault else self._try("vault", lambda: vaults.is_soft_deleted(api, resource, target.region))
        return vault, bool(gone)

    def _certificates(
        self, vault: ObservedVault
    ) -> tuple[dict[str, ObservedCertificate], dict[str, DeletedCertificate]]:
        known: dict[str, ObservedCertificate] = {}
        deleted: dict[str, DeletedCertificate] = {}

        def read_all() -> None:
            with self.azure.certificates(vault.url) as api:
                for spec in self.wanted.certificates:
                    if one := certificates.read(api, spec.name):
                        known[spec.name] = one
                    elif gone := certificates.read_deleted(api, spec.name):
                        deleted[spec.name] = gone

        self._try("certificates", read_all)
        return known, deleted

    def _grants(self, vault: ObservedVault, principal_id: str) -> Sequence[ObservedGrant]:
        with self.azure.grants(self.wanted.target.subscription_id) as api:
            return self._try("grants", lambda: grants.of_principal(api, vault.arm_id, principal_id)) or ()

    def _images(self, account: ObservedAccount) -> list[SupportedImage] | None:
        with self.azure.nodes(account.endpoint) as api:
            return self._try("images", lambda: nodes.supported_images(api))

    def _now(self) -> datetime:
        try:
            return self.azure.clock.now
        except RuntimeError:
            raise Problems(self.problems) from None

    def _try(self, name: str, read: Callable[[], T], *, needed: bool = True) -> T | None:
        try:
            return read()
        except Problem as problem:
            self.unread.add(name)
            if problem.code == "azure-forbidden" and not needed:
                self.notes.append(f"{name} are not checked: {problem.what}")
            elif not (problem.code in _SAID_ONCE and problem.code in {said.code for said in self.problems}):
                self.problems.append(problem)
            return None
