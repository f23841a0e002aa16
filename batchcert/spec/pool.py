"""The Batch pool whose nodes hold the certificates."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from batchcert.spec.target import Spec


class ExtensionVersion(StrEnum):
    """The major versions of KeyVaultForLinux."""

    V1 = "1.0"
    V2 = "2.0"
    V3 = "3.0"


def _is_a_network(text: str) -> str:
    ipaddress.ip_network(text)  # a host address with bits set behind the prefix is refused, as Azure does
    return text


Cidr = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-fA-F.:]+/\d{1,3}$"),
    AfterValidator(_is_a_network),
]


class ImageSpec(Spec):
    """The image of the nodes, and the Batch node agent that goes with it."""

    publisher: str = Field(default="Canonical", title="Publisher", min_length=1)
    offer: str = Field(default="ubuntu-24_04-lts", title="Offer", min_length=1)
    sku: str = Field(default="server", title="SKU", min_length=1)
    version: str = Field(default="latest", title="Version", min_length=1)
    node_agent: str = Field(
        default="batch.node.ubuntu 24.04",
        title="Node agent SKU",
        description="The Batch node agent SKU id that supports the image.",
        min_length=1,
    )


class SshAccess(Spec):
    """Who may reach the nodes' SSH, through the pool's NAT pool."""

    allowed_networks: list[Cidr] = Field(
        title="Allowed networks",
        description="Networks in CIDR form from which SSH is allowed, 203.0.113.0/24 say; all others are denied.",
        min_length=1,
        max_length=100,
    )
    first_port: int = Field(
        default=50000,
        title="First frontend port",
        description="Start of the NAT pool's port range.",
        ge=1,
        le=65534,
    )
    last_port: int = Field(
        default=50999,
        title="Last frontend port",
        description="End of the NAT pool's port range: at least 40 ports, and one a node.",
        ge=1,
        le=65534,
    )


class PoolSpec(Spec):
    """The pool: its size, its image, its extension and its network."""

    name: str = Field(
        title="Name",
        description="The pool's id in the Batch account: 1 to 64 letters, digits, hyphens and underscores.",
        pattern=r"^[-\w]{1,64}$",
    )
    nodes: int = Field(
        default=1, title="Dedicated nodes", description="How many nodes the pool has.", ge=0, le=10000
    )
    vm_size: str = Field(
        default="STANDARD_D2S_V5",
        title="VM size",
        description="The size of the nodes, as Azure names it.",
        pattern=r"^[A-Za-z0-9_]{3,60}$",
    )
    image: ImageSpec = Field(default_factory=ImageSpec, title="Image")
    extension_version: ExtensionVersion = Field(
        default=ExtensionVersion.V3,
        title="Extension version",
        description="The KeyVaultForLinux version: 3.0 unless something you run needs an older layout of files.",
    )
    polling_interval_seconds: int = Field(
        default=300,
        title="Polling interval",
        description="Seconds between two looks of the extension at Key Vault.",
        ge=60,
        le=86400,
    )
    require_initial_sync: bool = Field(
        default=True,
        title="Require initial sync",
        description="The extension reports success only once every certificate is on the node.",
    )
    ssh: SshAccess = Field(title="SSH")
    subnet_id: str = Field(
        default="",
        title="Subnet's ARM id",
        description="The subnet the nodes join; empty: Batch's own network.",
    )
    resize_timeout_minutes: int = Field(
        default=15,
        title="Resize timeout",
        description="Minutes Batch may take to bring the nodes up.",
        ge=5,
        le=10080,
    )
