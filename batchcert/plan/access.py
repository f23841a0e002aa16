"""The identity's access to the vault: desired against observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from batchcert.changes import Action, Change, FieldChange
from batchcert.plan.marks import grant_name
from batchcert.plan.vault import AccessPolicy, ObservedVault
from batchcert.problems import Problem
from batchcert.spec import Authorization

# Built-in roles, by the ids they have in every tenant. Source: "Azure built-in roles", Microsoft Learn.
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
ROLES_THAT_READ_SECRETS = {
    SECRETS_USER: "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
}
READ = frozenset({"get", "list"})


@dataclass(frozen=True)
class ObservedGrant:
    """A role that a principal has: the assignment's name (a GUID), its scope, the role's id."""

    name: str
    scope: str
    role_id: str


class Reader(Protocol):
    """An identity that is to read the vault, observed or ready."""

    @property
    def arm_id(self) -> str:
        """Its ARM id."""

    @property
    def principal_id(self) -> str:
        """Its object id in Entra, what access is granted to."""

    @property
    def tenant_id(self) -> str:
        """The tenant it lives in."""


def plan_access(identity: Reader, vault: ObservedVault, grants: Sequence[ObservedGrant]) -> Change:
    """Let *identity* read the vault's secrets, in the way the vault decides access.

    *grants*: the roles that the identity has, wherever; left aside on a vault with access policies.

    Raises: Problem `identity-other-tenant`.
    """
    if identity.tenant_id.lower() != vault.tenant_id.lower():
        raise Problem(
            "identity-other-tenant",
            what=f"identity {identity.arm_id} lives in tenant {identity.tenant_id}, vault {vault.name} in "
            f"{vault.tenant_id}",
            cause="a vault takes tokens of its own tenant alone",
            cure="use an identity and a vault of the Batch account's tenant",
        )
    if vault.authorization is Authorization.RBAC:
        return _role(identity, vault, grants)
    return _policy(identity, vault.policy_of(identity.principal_id), vault)


def our_grant(vault: ObservedVault, principal_id: str) -> ObservedGrant:
    """The role assignment that batchcert makes."""
    return ObservedGrant(grant_name(vault.arm_id, principal_id, SECRETS_USER), vault.arm_id, SECRETS_USER)


def merged_policy(observed: AccessPolicy) -> AccessPolicy:
    """*observed* with what is missing to read secrets and certificates; nothing is taken away."""
    return AccessPolicy(observed.object_id, observed.secrets | READ, observed.certificates | READ)


def not_granted(left: Change) -> Problem:
    """Azure accepted the grant, and what it reads back does not have it."""
    return Problem(
        "access-not-taken",
        what=f"{left.resource}: granted, and not there when read back",
        cause="Azure has not told all its servers of it yet, or somebody takes it away",
        cure="run again in a minute",
        passes=True,
    )


def resource_name(identity: Reader, vault: ObservedVault) -> str:
    """How plans name the access: access/IDENTITY to VAULT."""
    return f"access/{identity.arm_id.rsplit('/', 1)[-1]} to {vault.name}"


def _role(identity: Reader, vault: ObservedVault, grants: Sequence[ObservedGrant]) -> Change:
    resource = resource_name(identity, vault)
    for grant in grants:
        role = ROLES_THAT_READ_SECRETS.get(grant.role_id.lower())
        if role and _covers(grant.scope, vault.arm_id):
            return Change(Action.NOTHING, resource, f"has {role} at {grant.scope}")
    field = FieldChange("roleAssignment", "", ROLES_THAT_READ_SECRETS[SECRETS_USER])
    return Change(Action.CREATE, resource, "the vault decides access by roles", (field,))


def _policy(identity: Reader, policy: AccessPolicy, vault: ObservedVault) -> Change:
    resource = resource_name(identity, vault)
    fields = tuple(
        FieldChange(f"accessPolicy.{kind}", ", ".join(sorted(held)), ", ".join(sorted(held | READ)))
        for kind, held in (("secrets", policy.secrets), ("certificates", policy.certificates))
        if "all" not in held and not held >= READ
    )
    if not fields:
        return Change(Action.NOTHING, resource, "its access policy has get and list on secrets and certificates")
    action = Action.UPDATE if policy.secrets or policy.certificates else Action.CREATE
    return Change(action, resource, "the vault decides access by access policies", fields)


def _covers(scope: str, resource: str) -> bool:
    above, below = scope.lower().rstrip("/"), resource.lower()
    return below == above or below.startswith(f"{above}/")
