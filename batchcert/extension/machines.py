"""Images, node agents and VM sizes: which go together, which have ended, what comes after them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

OLDEST_SUPPORTED_UBUNTU = "22.04"  # Key Vault virtual machine extension for Linux, Operating system
SUPPORT_ENDS = {  # Azure/Batch announcements 174 and 200
    "20.04": date(2025, 4, 23),
    "22.04": date(2027, 6, 30),
}

_RELEASE = re.compile(r"(?<!\d)(\d\d)[._-]?(04|10)(?!\d)")
_AGENT = re.compile(r"batch\.node\.(?P<family>[a-z]+)\s*(?P<release>\S*).*", re.IGNORECASE)
_ENDING_SIZE = re.compile(r"STANDARD_DS?(?P<number>\d+)(?:-\d+)?I?(?:_V2)?(?:_PROMO)?", re.IGNORECASE)
# D, Ds, Dv2 and Dsv2 by the number in their name: a size of today with as many cores, in the same proportion of memory.
_SUCCESSORS = {1: "D2", 2: "D2", 3: "D4", 4: "D8", 5: "D16", 11: "E2", 12: "E4", 13: "E8", 14: "E16", 15: "E20"}


@dataclass(frozen=True)
class Image:
    """A marketplace image, as a pool's imageReference names it."""

    publisher: str
    offer: str
    sku: str

    @property
    def family(self) -> str:
        """ubuntu, azurelinux, windows, or "" for another."""
        name = f"{self.publisher} {self.offer}".lower()
        if "ubuntu" in name or self.publisher.lower() == "canonical":
            return "ubuntu"
        if re.search(r"azure-?linux|mariner", name):
            return "azurelinux"
        return "windows" if "windows" in name else ""

    @property
    def ubuntu(self) -> str:
        """The Ubuntu release, "24.04", or "" where it is another system or does not say."""
        found = (_RELEASE.search(self.sku) or _RELEASE.search(self.offer)) if self.family == "ubuntu" else None
        return f"{found[1]}.{found[2]}" if found else ""

    @property
    def retired(self) -> bool:
        """Whether it is an Ubuntu older than the extension supports; those have ended in Batch, too."""
        return bool(self.ubuntu) and self.ubuntu < OLDEST_SUPPORTED_UBUNTU

    @property
    def never_published(self) -> bool:
        """Whether it is an Ubuntu of 20.04 or later under the offer UbuntuServer, which has none of them."""
        return self.offer.lower() == "ubuntuserver" and self.ubuntu >= "20.04"

    @property
    def supported(self) -> bool:
        """Whether the extension's document names it: Ubuntu 22.04 and later, Azure Linux."""
        return self.family == "azurelinux" or (self.family == "ubuntu" and not self.retired)

    def __str__(self) -> str:
        """Publisher, offer and SKU as `az` writes them."""
        return f"{self.publisher}:{self.offer}:{self.sku}"


def agent_fits(agent: str, image: Image) -> bool:
    """Whether node agent SKU *agent* goes with *image*; True where either is not known well enough to tell."""
    match = _AGENT.fullmatch(agent.strip())
    if match is None or not image.family:
        return True
    family = {"mariner": "azurelinux"}.get(match["family"].lower(), match["family"].lower())
    if family != image.family:
        return False
    return image.family != "ubuntu" or not image.ubuntu or match["release"] == image.ubuntu


def successor(vm_size: str) -> str:
    """The size to use instead of one whose series is ending (D, Ds, Dv2, Dsv2), or "" where it stays."""
    match = _ENDING_SIZE.fullmatch(vm_size.strip())
    name = _SUCCESSORS.get(int(match["number"])) if match else None
    return f"STANDARD_{name}S_V5" if name else ""
