"""Everything that is known before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from batchcert.changes import Action
from batchcert.plan.access import ObservedGrant, plan_access
from batchcert.plan.account import ObservedAccount, SupportedImage, VmSize
from batchcert.plan.certificate import DeletedCertificate, ObservedCertificate
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.pool import ObservedPool
from batchcert.plan.vault import ObservedVault
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, Target, VaultSpec


@dataclass(frozen=True)
class Wanted:
    """What a run of provision is asked for."""

    target: Target
    identity: IdentitySpec
    vault: VaultSpec
    certificates: Sequence[CertificateSpec]
    pool: PoolSpec


@dataclass(frozen=True)
class Surroundings:
    """What a run is asked for, and what there is. None and empty mean "not there", but for what is *unread*.

    Attributes:
        unread: what could not be read, by the names of these attributes; nobody judges it.
        vault_soft_deleted: whether a deleted vault holds the wanted vault's name.
        certificates, deleted: what the vault has of the wanted certificates, by name.
        grants: the identity's roles at the vault.
        images, sizes: what the account offers; None where that could not be read.
        now: the service's time, UTC.
    """

    wanted: Wanted
    now: datetime
    account: ObservedAccount | None = None
    identity: ObservedIdentity | None = None
    vault: ObservedVault | None = None
    vault_soft_deleted: bool = False
    certificates: Mapping[str, ObservedCertificate] = field(default_factory=dict)
    deleted: Mapping[str, DeletedCertificate] = field(default_factory=dict)
    grants: Sequence[ObservedGrant] = ()
    pool: ObservedPool | None = None
    images: Sequence[SupportedImage] | None = None
    sizes: Sequence[VmSize] | None = None
    unread: frozenset[str] = frozenset()

    def read(self, *names: str) -> bool:
        """Whether all of *names* could be read."""
        return self.unread.isdisjoint(names)

    @property
    def access_missing(self) -> bool:
        """Whether the identity still has to be given access to the vault."""
        if self.identity is None or self.vault is None:
            return True
        return plan_access(self.identity, self.vault, self.grants).action is not Action.NOTHING
