"""The Key Vault that holds the certificates."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from batchcert.arm_ids import ArmId, arm_id
from batchcert.spec.target import RESOURCE_GROUP_PATTERN, Spec, Target

VAULT_TYPE = "Microsoft.KeyVault/vaults"


class Authorization(StrEnum):
    """How a vault decides who may read it."""

    RBAC = "rbac"
    ACCESS_POLICIES = "access-policies"


class VaultSpec(Spec):
    """Which vault, and whether to create it."""

    name: str = Field(
        title="Name",
        description="The vault's name, unique in its cloud: 3 to 24 letters, digits and single hyphens.",
        pattern=r"^[a-zA-Z](-?[a-zA-Z0-9])+$",
        min_length=3,
        max_length=24,
    )
    resource_group: str = Field(
        default="",
        title="Resource group",
        description="The vault's resource group. Empty: the Batch account's.",
        pattern=rf"^$|{RESOURCE_GROUP_PATTERN}",
    )
    create: bool = Field(
        default=False,
        title="Create the vault",
        description="On: make it if it does not exist. An existing vault's settings are never changed.",
    )
    authorization: Authorization = Field(
        default=Authorization.RBAC,
        title="Authorization of a new vault",
        description="rbac (role assignments) or access-policies. An existing vault keeps its own.",
    )

    def resource(self, target: Target) -> ArmId:
        """The vault's ARM id."""
        return arm_id(target.subscription_id, self.resource_group or target.resource_group, VAULT_TYPE, self.name)
