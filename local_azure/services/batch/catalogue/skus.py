"""The virtual machine sizes that Batch offers.

Source: "Choose a VM size for compute nodes" and "Sizes for virtual machines in Azure" on Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Size:
    """A size. *end*: when Batch retires it (UTC), None where nothing is announced."""

    name: str
    family: str
    cores: int
    memory: float  # GB
    generations: str = "V1,V2"
    end: datetime | None = None

    def retired(self, now: datetime) -> bool:
        """Whether no pool can be created with it any more."""
        return self.end is not None and self.end <= now


# Announced in Azure/Batch#140 for D, Ds, Dv2 and Dsv2; the day itself is not confirmed.
_OLD_D_END = datetime(2028, 5, 1, tzinfo=UTC)
_A_END = datetime(2024, 8, 31, tzinfo=UTC)  # Basic and Standard A; Location List Supported Virtual Machine Skus example
_NC_END = datetime(2023, 9, 6, tzinfo=UTC)  # "NC and NC_Promo series retirement"


def _series(pattern: str, family: str, cores: tuple[int, ...], per_core: float) -> list[Size]:
    """The sizes of a series whose names bear the number of cores; *per_core* is memory in GB."""
    return [Size(pattern.format(n), family, n, n * per_core) for n in cores]


def _old(pattern: str, family: str, cores: dict[int, int], per_core: float, end: datetime) -> list[Size]:
    """The sizes of an old series: a number in the name, and the cores that go with it."""
    return [Size(pattern.format(n), family, c, c * per_core, "V1", end) for n, c in cores.items()]


_SMALL = (2, 4, 8, 16, 32, 48, 64)
_WIDE = (*_SMALL, 96)

SIZES: dict[str, Size] = {
    size.name.upper(): size
    for group in (
        _series("Standard_A{}_v2", "standardAv2Family", (1, 2, 4, 8), 2),
        _old("Standard_A{}", "standardA0_A7Family", {1: 1, 2: 2, 3: 4, 4: 8}, 1.75, _A_END),
        _old("Standard_D{}_v2", "standardDv2Family", {1: 1, 2: 2, 3: 4, 4: 8, 5: 16}, 3.5, _OLD_D_END),
        _old("Standard_DS{}_v2", "standardDSv2Family", {1: 1, 2: 2, 3: 4, 4: 8, 5: 16}, 3.5, _OLD_D_END),
        _old("Standard_D{}", "standardDFamily", {1: 1, 2: 2, 3: 4, 4: 8}, 3.5, _OLD_D_END),
        _old("Standard_NC{}", "standardNCFamily", {6: 6, 12: 12, 24: 24}, 9.3, _NC_END),
        _series("Standard_D{}_v3", "standardDv3Family", _SMALL, 4),
        _series("Standard_D{}s_v3", "standardDSv3Family", _SMALL, 4),
        _series("Standard_D{}s_v4", "standardDSv4Family", _SMALL, 4),
        _series("Standard_D{}ds_v4", "standardDDSv4Family", _SMALL, 4),
        _series("Standard_D{}s_v5", "standardDSv5Family", _WIDE, 4),
        _series("Standard_D{}ds_v5", "standardDDSv5Family", _WIDE, 4),
        _series("Standard_D{}as_v5", "standardDASv5Family", _WIDE, 4),
        _series("Standard_E{}s_v3", "standardESv3Family", _SMALL, 8),
        _series("Standard_E{}ds_v4", "standardEDSv4Family", _SMALL, 8),
        _series("Standard_E{}s_v5", "standardESv5Family", _WIDE, 8),
        _series("Standard_F{}s_v2", "standardFSv2Family", (2, 4, 8, 16, 32, 48, 64, 72), 2),
    )
    for size in group
}
