"""Where a run works: cloud, subscription, resource group, region and Batch account."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from batchcert.arm_ids import ArmId, arm_id
from batchcert.clouds import CLOUDS, Cloud, CloudName

GUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
RESOURCE_GROUP_PATTERN = r"^[-\w._()]{0,89}[-\w()]$"  # up to 90 characters, never a period at the end


class Spec(BaseModel):
    """A parameter model: unknown fields are refused, so that a misspelt one is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Spec):
    """The Azure a run works in."""

    cloud: CloudName = Field(
        default=CloudName.PUBLIC,
        title="Cloud",
        description="Which of Azure's clouds: public, us-government or china.",
    )
    subscription_id: str = Field(
        title="Subscription id",
        description="The subscription (a GUID) of the Batch account, as in the portal's Subscriptions page.",
        pattern=GUID_PATTERN,
    )
    resource_group: str = Field(
        title="Resource group",
        description="The resource group of the Batch account. It must exist.",
        pattern=RESOURCE_GROUP_PATTERN,
    )
    region: str = Field(
        title="Region",
        description="The Azure region of the Batch account, in Azure's short form: westus2.",
        pattern=r"^[a-z0-9]{2,40}$",
    )
    batch_account: str = Field(
        title="Batch account",
        description="The name of the Batch account. It must exist.",
        pattern=r"^[a-z0-9]{3,24}$",
    )

    @property
    def endpoints(self) -> Cloud:
        """Where the chosen cloud answers."""
        return CLOUDS[self.cloud]

    @property
    def account_id(self) -> ArmId:
        """The Batch account's ARM id."""
        return arm_id(self.subscription_id, self.resource_group, "Microsoft.Batch/batchAccounts", self.batch_account)

    def pool_id(self, pool: str) -> ArmId:
        """The ARM id of the account's pool named *pool*."""
        return arm_id(
            self.subscription_id,
            self.resource_group,
            "Microsoft.Batch/batchAccounts/pools",
            self.batch_account,
            pool,
        )
