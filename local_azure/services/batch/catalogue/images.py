"""The marketplace images that Batch accepts, each with the node agent it goes with.

Source: Account List Supported Images of the Batch service (shape), the marketplace's own names, and the end-of-support
announcements of Azure/Batch (#174 for Ubuntu 20.04, #200 for 22.04).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Image:
    """A supported image. *end*: from then on (UTC) the service accepts no create pool request for it."""

    publisher: str
    offer: str
    sku: str
    agent: str
    verified: bool = True
    end: datetime | None = None
    capabilities: tuple[str, ...] = ()

    @property
    def os(self) -> str:
        """The operating system as the data plane spells it."""
        return "windows" if "windows" in self.agent else "linux"

    def matches(self, reference: Mapping[str, Any]) -> bool:
        """Whether a pool's image reference names this image; Azure compares without case."""
        return all(
            str(reference.get(key, "")).lower() == value.lower()
            for key, value in (("publisher", self.publisher), ("offer", self.offer), ("sku", self.sku))
        )


_FOCAL_END = datetime(2025, 4, 23, tzinfo=UTC)
_JAMMY_END = datetime(2027, 6, 30, tzinfo=UTC)
_CENTOS_END = datetime(2024, 6, 30, tzinfo=UTC)
_ALMA8_END = datetime(2029, 3, 1, tzinfo=UTC)
_CONTAINERS = ("DockerCompatible",)

IMAGES: tuple[Image, ...] = (
    Image("almalinux", "almalinux-x86_64", "8-gen2", "batch.node.el 8", verified=False, end=_ALMA8_END),
    Image("almalinux", "almalinux-x86_64", "9-gen2", "batch.node.el 9"),
    Image("canonical", "0001-com-ubuntu-server-focal", "20_04-lts", "batch.node.ubuntu 20.04", end=_FOCAL_END),
    Image("canonical", "0001-com-ubuntu-server-focal", "20_04-lts-gen2", "batch.node.ubuntu 20.04", end=_FOCAL_END),
    Image("canonical", "0001-com-ubuntu-server-jammy", "22_04-lts", "batch.node.ubuntu 22.04", end=_JAMMY_END),
    Image("canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "batch.node.ubuntu 22.04", end=_JAMMY_END),
    Image("canonical", "ubuntu-24_04-lts", "server", "batch.node.ubuntu 24.04"),
    Image("canonical", "ubuntu-24_04-lts", "server-gen1", "batch.node.ubuntu 24.04"),
    Image("debian", "debian-12", "12", "batch.node.debian 12", verified=False),
    Image("debian", "debian-12", "12-gen2", "batch.node.debian 12", verified=False),
    Image(
        "microsoft-azure-batch", "centos-container", "7-7", "batch.node.centos 7", end=datetime(2024, 6, 30, tzinfo=UTC)
    ),
    Image(
        "microsoft-dsvm",
        "ubuntu-hpc",
        "2204",
        "batch.node.ubuntu 22.04",
        end=_JAMMY_END,
        capabilities=(*_CONTAINERS, "NvidiaTeslaDriverInstalled", "NvidiaGridDriverInstalled"),
    ),
    Image(
        "microsoft-dsvm",
        "ubuntu-hpc",
        "2404",
        "batch.node.ubuntu 24.04",
        capabilities=(*_CONTAINERS, "NvidiaTeslaDriverInstalled"),
    ),
    Image("microsoftcblmariner", "azure-linux-3", "azure-linux-3-gen2", "batch.node.azurelinux 3", verified=False),
    Image("microsoftwindowsserver", "windowsserver", "2022-datacenter", "batch.node.windows amd64"),
    Image("microsoftwindowsserver", "windowsserver", "2022-datacenter-azure-edition", "batch.node.windows amd64"),
    Image("resf", "rockylinux-x86_64", "8-base", "batch.node.el 8", verified=False, end=_ALMA8_END),
    Image("resf", "rockylinux-x86_64", "9-base", "batch.node.el 9", verified=False),
)

AGENTS = frozenset(image.agent for image in IMAGES)


def find(reference: Mapping[str, Any]) -> Image | None:
    """The supported image that *reference* names, or None."""
    return next((image for image in IMAGES if image.matches(reference)), None)
