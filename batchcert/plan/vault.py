"""The Key Vault: desired against observed."""

from __future__ import annotations

from dataclasses import dataclass, field

from batchcert.arm_ids import ArmId
from batchcert.changes import Action, Change
from batchcert.plan.marks import TAGS
from batchcert.problems import Problem
from batchcert.spec import Authorization, Target, VaultSpec

# What an operator of batchcert needs in a vault with access policies.
OPERATOR_CERTIFICATES = ("get", "list", "create", "update", "recover", "delete")


@dataclass(frozen=True)
class AccessPolicy:
    """What one principal may do in a vault with access policies; permissions in lower case."""

    object_id: str
    secrets: frozenset[str]
    certificates: frozenset[str]


@dataclass(frozen=True)
class ObservedVault:
    """A vault as Azure Resource Manager tells it.

    Attributes:
        arm_id: its ARM id, as Azure writes it.
        url: its address, without a trailing slash.
        public: whether it answers on its public endpoint at all.
        open_to_all: whether its firewall lets every address in.
        subnets: lower-cased ARM ids of the subnets its firewall lets in.
        private_endpoints: how many private endpoint connections it has.
        policies: its access policies; of no effect on a vault with RBAC.
    """

    arm_id: str
    url: str
    tenant_id: str
    region: str
    authorization: Authorization
    public: bool = True
    open_to_all: bool = True
    subnets: tuple[str, ...] = ()
    private_endpoints: int = 0
    policies: tuple[AccessPolicy, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The vault's name."""
        return self.arm_id.rsplit("/", 1)[-1]

    def policy_of(self, principal_id: str) -> AccessPolicy:
        """What *principal_id* may do by the access policies: nothing, where it has none."""
        wanted = principal_id.lower()
        found = [policy for policy in self.policies if policy.object_id.lower() == wanted]
        return found[0] if found else AccessPolicy(principal_id, frozenset(), frozenset())


def plan_vault(spec: VaultSpec, target: Target, observed: ObservedVault | None, *, soft_deleted: bool) -> Change:
    """Create the vault if asked to, else leave it as it is: an existing vault's settings are never changed.

    *soft_deleted*: whether a deleted vault still holds the name in the target's region.

    Raises: Problem `vault-not-found`, `vault-soft-deleted`.
    """
    resource = f"vault/{spec.name}"
    if observed is not None:
        return Change(Action.NOTHING, resource, f"exists; it decides access by {observed.authorization}")
    if soft_deleted:
        raise Problem(
            "vault-soft-deleted",
            what=f"vault {spec.name} was deleted and its name is still held",
            cause="deleted vaults are kept for 7 to 90 days, with all that was in them",
            cure=f"az keyvault recover --name {spec.name}, or choose another name",
        )
    if not spec.create:
        raise no_vault(spec.resource(target))
    return Change(Action.CREATE, resource, f"new, in {target.region}; it decides access by {spec.authorization}")


def no_vault(vault: ArmId) -> Problem:
    """The vault is not there, and is not to be created."""
    return Problem(
        "vault-not-found",
        what=f"there is no vault {vault}",
        cause="it is in another resource group or subscription, its name is misspelt, or you may not read it",
        cure="correct vault.name and vault.resource_group, or set vault.create",
    )


def vault_body(spec: VaultSpec, target: Target, *, tenant_id: str, operator_id: str) -> dict[str, object]:
    """The ARM body of a new vault.

    *operator_id*: object id of whoever runs this. On a vault with access policies nobody can do anything without one
    of them, so the operator gets one for certificates; on a vault with RBAC the operator's roles decide.

    Source: Microsoft.KeyVault/vaults, API version 2026-02-01.
    """
    rbac = spec.authorization is Authorization.RBAC
    operator = {
        "tenantId": tenant_id,
        "objectId": operator_id,
        "permissions": {"certificates": list(OPERATOR_CERTIFICATES), "secrets": [], "keys": [], "storage": []},
    }
    return {
        "location": target.region,
        "tags": dict(TAGS),
        "properties": {
            "tenantId": tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": rbac,
            "accessPolicies": [] if rbac else [operator],
        },
    }
