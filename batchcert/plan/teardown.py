"""What a teardown removes: what batchcert made and marked, and nothing else.

What another pool of the account still uses stays, also where batchcert made it. Pools of other accounts are not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from batchcert.changes import Action, Change
from batchcert.extension.observed import find_extension
from batchcert.plan import access, certificate, identity
from batchcert.plan.access import ObservedGrant
from batchcert.plan.certificate import ObservedCertificate
from batchcert.plan.identity import ObservedIdentity
from batchcert.plan.pool import ObservedPool
from batchcert.plan.vault import ObservedVault
from batchcert.problems import Problem
from batchcert.spec import Authorization


def confirm(asked: str, pool: str) -> None:
    """Whoever asks for a teardown types the pool's name.

    Raises: Problem `teardown-not-confirmed`.
    """
    if asked != pool:
        raise Problem(
            "teardown-not-confirmed",
            what=f"the name typed to confirm is {asked!r}, the pool is {pool!r}",
            cause="a teardown removes the pool with everything that runs on it",
            cure="type the pool's name exactly",
        )


def remove_pool(name: str, observed: ObservedPool | None) -> Change:
    """The pool, where its metadata has our mark."""
    return _removal(f"pool/{name}", observed, (), "with all its nodes")


def remove_certificate(
    vault: str, name: str, observed: ObservedCertificate | None, others: Sequence[ObservedPool]
) -> Change:
    """The certificate, where its tags have our mark and none of the *others* observes it."""
    users = [pool.name for pool in others if _observes(pool, vault, name)]
    resource = certificate.resource_name(vault, name)
    return _removal(resource, observed, users, "recoverable until the vault purges it")


def remove_identity(name: str, observed: ObservedIdentity | None, others: Sequence[ObservedPool]) -> Change:
    """The identity, where its tags have our mark and none of the *others* has it."""
    users = [pool.name for pool in others if observed and _has(pool, observed)]
    return _removal(identity.resource_name(name), observed, users, "no pool of the account uses it any more")


def remove_access(
    observed: ObservedIdentity, vault: ObservedVault, grants: Sequence[ObservedGrant], others: Sequence[ObservedPool]
) -> Change:
    """The identity's access: our own role assignment; an access policy only together with an identity of ours."""
    resource = access.resource_name(observed, vault)
    users = [pool.name for pool in others if _has(pool, observed)]
    if vault.authorization is Authorization.RBAC:
        ours = access.our_grant(vault, observed.principal_id).name
        held = any(grant.name.lower() == ours for grant in grants)
        return _removal(resource, _Marked(ours=True) if held else None, users, "the role assignment")
    policy = vault.policy_of(observed.principal_id)
    held = bool(policy.secrets or policy.certificates)
    return _removal(resource, observed if held else None, users, "the access policy")


class _Markable(Protocol):
    @property
    def ours(self) -> bool: ...


@dataclass(frozen=True)
class _Marked:
    ours: bool


def _removal(resource: str, observed: _Markable | None, users: Sequence[str], why: str) -> Change:
    if observed is None:
        return Change(Action.NOTHING, resource, "not there")
    if not observed.ours:
        return Change(Action.NOTHING, resource, "not made by batchcert; left as it is")
    if users:
        return Change(Action.NOTHING, resource, f"still used by {', '.join(users)}")
    return Change(Action.DELETE, resource, why)


def _has(pool: ObservedPool, observed: ObservedIdentity) -> bool:
    wanted = observed.arm_id.lower()
    return wanted in {arm_id.lower() for arm_id in pool.identities}


def _observes(pool: ObservedPool, vault: str, name: str) -> bool:
    view = find_extension(pool.extensions)
    observed = view.certificates if view else ()
    return any((one.vault.lower(), one.name.lower()) == (vault.lower(), name.lower()) for one in observed)
