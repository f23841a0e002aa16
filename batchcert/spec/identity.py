"""The user-assigned managed identity that the nodes read Key Vault with."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from batchcert.arm_ids import ArmId, arm_id, parse_arm_id
from batchcert.problems import Problem
from batchcert.spec.target import Spec, Target

IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


class IdentitySpec(Spec):
    """Which identity the pool gets: one to be ensured by name, or an existing one by ARM id."""

    name: str = Field(
        default="batchcert",
        title="Name",
        description="Made in the Batch account's resource group if it is missing. Left aside where an ARM id is given.",
        pattern=r"^$|^[a-zA-Z0-9][-a-zA-Z0-9_]{2,127}$",
    )
    arm_id: str = Field(
        default="",
        title="Existing identity's ARM id",
        description=(
            "An identity that exists already, in any resource group or subscription of the tenant: "
            "/subscriptions/.../providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME. "
            "It is used as it is and never written to."
        ),
    )

    @model_validator(mode="after")
    def _one_way_to_find_it(self) -> Self:
        if self.arm_id:
            try:
                parse_arm_id(self.arm_id, IDENTITY_TYPE)
            except Problem as problem:
                raise ValueError(f"arm_id: {problem.what}; {problem.cure}") from None
        elif not self.name:
            raise ValueError("give a name, or the ARM id of an identity that exists")
        return self

    def resource(self, target: Target) -> ArmId:
        """The ARM id of the identity that is meant."""
        if self.arm_id:
            return parse_arm_id(self.arm_id, IDENTITY_TYPE)
        return arm_id(target.subscription_id, target.resource_group, IDENTITY_TYPE, self.name)

    @property
    def ours(self) -> bool:
        """Whether batchcert may create it: not where an existing one was named."""
        return not self.arm_id
