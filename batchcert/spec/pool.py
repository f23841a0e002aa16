"""The Batch pool whose nodes hold the certificates."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from batchcert.arm_ids import parse_arm_id
from batchcert.problems import Problem
from batchcert.spec.ssh import SshAccess
from batchcert.spec.target import Spec

SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"


def _is_a_subnet(text: str) -> str:
    try:
        return text and str(parse_arm_id(text, SUBNET_TYPE))
    except Problem as problem:
        raise ValueError(f"{problem.what}; {problem.cure}") from None


class ExtensionVersion(StrEnum):
    """The major versions of KeyVaultForLinux."""

    V1 = "1.0"
    V2 = "2.0"
    V3 = "3.0"


class NodeFillType(StrEnum):
    """How Batch spreads tasks over the nodes."""

    PACK = "Pack"
    SPREAD = "Spread"


class ImageSpec(Spec):
    """The image of the nodes, and the Batch node agent that goes with it."""

    publisher: str = Field(
        default="Canonical",
        title="Publisher",
        description="Who publishes the image in the Azure Marketplace.",
        min_length=1,
    )
    offer: str = Field(
        default="ubuntu-24_04-lts",
        title="Offer",
        description="The image's offer. The extension supports Ubuntu 22.04 and later, and Azure Linux.",
        min_length=1,
    )
    sku: str = Field(
        default="server",
        title="SKU",
        description="Which image of the offer, as the Marketplace names it.",
        min_length=1,
    )
    version: str = Field(
        default="latest",
        title="Version",
        description="One version of the image, or latest.",
        min_length=1,
    )
    node_agent: str = Field(
        default="batch.node.ubuntu 24.04",
        title="Node agent SKU",
        description="The Batch node agent SKU id that supports the image.",
        min_length=1,
    )


class PoolSpec(Spec):
    """The pool: its size, its image, its extension and its network."""

    name: str = Field(
        title="Name",
        description="The pool's id in the Batch account: 1 to 64 letters, digits, hyphens and underscores.",
        pattern=r"^[-a-zA-Z0-9_]{1,64}$",
    )
    nodes: int = Field(default=1, title="Dedicated nodes", description="How many nodes the pool has.", ge=0, le=10000)
    vm_size: str = Field(
        default="STANDARD_D2S_V5",
        title="VM size",
        description="The size of the nodes, as Azure names it.",
        pattern=r"^[-A-Za-z0-9_]{3,60}$",
    )
    ssh: SshAccess = Field(title="SSH")
    extension_version: ExtensionVersion = Field(
        default=ExtensionVersion.V3,
        title="Extension version",
        description="The KeyVaultForLinux version: 3.0 unless something you run needs an older layout of files.",
    )
    polling_interval_seconds: int = Field(
        default=300,
        title="Polling interval in seconds",
        description="How often the extension looks for a new version in Key Vault.",
        ge=60,
        le=86400,
    )
    require_initial_sync: bool = Field(
        default=True,
        title="Require initial sync",
        description="On: the extension reports success only once every certificate is on the node.",
    )
    image: ImageSpec = Field(default_factory=ImageSpec, title="Image")
    subnet_id: Annotated[str, AfterValidator(_is_a_subnet)] = Field(
        default="",
        title="Subnet's ARM id",
        description="The subnet the nodes join. Empty: Batch's own network.",
    )
    node_fill_type: NodeFillType = Field(
        default=NodeFillType.PACK,
        title="Task placement",
        description="Pack fills one node with tasks before the next; Spread shares them out.",
    )
    resize_timeout_minutes: int = Field(
        default=15,
        title="Resize timeout in minutes",
        description="How long Batch may take to bring the nodes up.",
        ge=5,
        le=10080,
    )

    @model_validator(mode="after")
    def _has_a_port_for_each_node(self) -> Self:
        ports = len(self.ssh.ports)
        if self.nodes > ports:
            raise ValueError(f"nodes is {self.nodes}; ssh has {ports} frontend ports, one a node is needed")
        return self
