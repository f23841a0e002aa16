"""Which rights a run needs for what it will write, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from batchcert.changes import Action
from batchcert.plan.certificate import plan_certificate
from batchcert.plan.permissions import Permission, missing
from batchcert.plan.surroundings import Surroundings
from batchcert.plan.vault import ObservedVault
from batchcert.problems import Problem
from batchcert.spec import Authorization

_POOLS = "Microsoft.Batch/batchAccounts/pools"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_VAULTS = "Microsoft.KeyVault/vaults"
_CERTIFICATES = f"{_VAULTS}/certificates"
_CERTIFICATE_ACTIONS = {
    Action.CREATE: f"{_CERTIFICATES}/create/action",
    Action.UPDATE: f"{_CERTIFICATES}/update/action",
    Action.RECOVER: f"{_CERTIFICATES}/recover/action",
}
# The smallest built-in role that has the action. Source: "Azure built-in roles", Microsoft Learn.
_ROLES = (
    (_CERTIFICATES, "Key Vault Certificates Officer"),
    (_VAULTS, "Key Vault Contributor"),
    (f"{_IDENTITIES}/assign", "Managed Identity Operator"),
    (_IDENTITIES, "Managed Identity Contributor"),
    ("Microsoft.Authorization", "Role Based Access Control Administrator"),
    (_POOLS, "Azure Batch Account Contributor"),
)


@dataclass(frozen=True)
class Need:
    """An action that a run will take. *scope*: the ARM id of a resource or a resource group."""

    scope: str
    action: str
    data: bool = False


def needs(seen: Surroundings) -> list[Need]:
    """What this run has to be allowed to do: only what it will do, so a run that changes nothing needs no write."""
    return [*_pool_needs(seen), *_vault_needs(seen), *_certificate_needs(seen)]


def missing_rights(needed: Sequence[Need], held: Mapping[str, Sequence[Permission]]) -> list[Problem]:
    """A Problem for each scope at which something is missing; a scope that *held* does not name is not judged."""
    found = []
    for scope in dict.fromkeys(need.scope for need in needed if need.scope in held):
        lacking = [
            action
            for data in (False, True)
            for action in missing(
                held[scope],
                [need.action for need in needed if need.scope == scope and need.data is data],
                data=data,
            )
        ]
        if lacking:
            found.append(_problem(scope, lacking))
    return found


def sort_refusals(
    seen: Surroundings, refused: Sequence[Problem], caller: str, held: Mapping[str, Sequence[Permission]]
) -> tuple[list[Problem], list[str]]:
    """Split failed reads into those that stand in the way, and notes on those that only wait for a grant to arrive.

    A vault refuses for some minutes what its own settings allow already; the step that needs it waits that long.
    *caller*: object id of whoever runs this.
    """
    if not _may_read_certificates(seen.vault, caller, held):
        return list(refused), []
    waiting = [problem for problem in refused if problem.code == "vault-forbidden"]
    notes = [f"{problem.what}; the right is granted and not yet everywhere" for problem in waiting]
    return [problem for problem in refused if problem not in waiting], notes


def _may_read_certificates(vault: ObservedVault | None, caller: str, held: Mapping[str, Sequence[Permission]]) -> bool:
    if vault is None:
        return False
    if vault.authorization is Authorization.ACCESS_POLICIES:
        return not vault.policy_of(caller).certificates.isdisjoint({"get", "all"})
    listed = held.get(vault.arm_id)
    return listed is not None and not missing(listed, [f"{_CERTIFICATES}/read"], data=True)


def _pool_needs(seen: Surroundings) -> Iterator[Need]:
    target = seen.wanted.target
    group = f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
    if seen.identity is None and seen.read("identity") and seen.wanted.identity.ours:
        yield Need(group, f"{_IDENTITIES}/write")
    if seen.pool is None and seen.read("account", "pool"):
        yield Need(group, f"{_POOLS}/write")
        yield Need(seen.identity.arm_id if seen.identity else group, f"{_IDENTITIES}/assign/action")


def _vault_needs(seen: Surroundings) -> Iterator[Need]:
    target, spec = seen.wanted.target, seen.wanted.vault
    if not seen.read("vault"):
        return
    group = f"/subscriptions/{target.subscription_id}/resourceGroups/{spec.resource_group or target.resource_group}"
    scope = seen.vault.arm_id if seen.vault else group
    if seen.vault is None:
        yield Need(group, f"{_VAULTS}/write")
    rbac = (seen.vault.authorization if seen.vault else spec.authorization) is Authorization.RBAC
    if seen.access_missing:
        action = "Microsoft.Authorization/roleAssignments/write" if rbac else f"{_VAULTS}/accessPolicies/write"
        yield Need(scope, action)


def _certificate_needs(seen: Surroundings) -> Iterator[Need]:
    """On a vault with RBAC; with access policies no role tells who may do what."""
    vault = seen.vault
    if vault is None or vault.authorization is not Authorization.RBAC:
        return
    yield Need(vault.arm_id, f"{_CERTIFICATES}/read", data=True)
    for spec in seen.wanted.certificates if seen.read("certificates") else ():
        try:
            change = plan_certificate(spec, vault.name, seen.certificates.get(spec.name), seen.deleted.get(spec.name))
        except Problem:
            continue  # told by the check that asks for it
        if change.action in _CERTIFICATE_ACTIONS:
            yield Need(vault.arm_id, _CERTIFICATE_ACTIONS[change.action], data=True)


def _problem(scope: str, actions: Sequence[str]) -> Problem:
    roles = (next(role for prefix, role in _ROLES if action.startswith(prefix)) for action in actions)
    return Problem(
        "rights-missing",
        what=f"whoever runs this may not do at {scope}: {', '.join(dict.fromkeys(actions))}",
        cause="none of its roles there or above has these actions",
        cure=f"give it there: {', '.join(dict.fromkeys(roles))}",
    )
