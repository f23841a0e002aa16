"""When Azure retires series of sizes, as far as Batch's own list of sizes does not tell.

Source: "VM size series retirements, capacity growth restrictions, and modernization guidance", Microsoft Learn,
as of 2026-09-24. Series that it names as retired already are left out where Batch has none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from batchcert.clouds import CloudName

PAGE = "Microsoft's page on size series retirements"


@dataclass(frozen=True)
class Series:
    """Sizes that end together. *sizes*: their names, without Standard_; *sovereign*: whether in all clouds."""

    sizes: re.Pattern[str]
    ends: datetime
    sovereign: bool = True


def _series(sizes: str, year: int, month: int, day: int, *, sovereign: bool = True) -> Series:
    return Series(re.compile(f"STANDARD_(?:{sizes})"), datetime(year, month, day, tzinfo=UTC), sovereign)


RETIREMENTS: tuple[Series, ...] = (
    _series(r"DS?\d+(?:-\d+)?I?(?:_V2)?(?:_PROMO)?|L\d+S", 2028, 5, 1),  # D, Ds, Dv2, Dsv2, Ls
    _series(r"A\d+M?_V2|B\d+(?:LS|MS|S)", 2028, 11, 15),  # Av2, Amv2, B (V1)
    _series(r"F\d+S?|F\d+S_V2|GS?\d+(?:-\d+)?|L\d+S_V2", 2028, 11, 15),  # F, Fs, Fsv2, G, Gs, Lsv2
    _series(r"D\d+S?_V3|E\d+(?:-\d+)?I?S?_V3", 2029, 11, 15, sovereign=False),  # Dv3, Dsv3, Ev3, Esv3
    _series(r"DC\d+D?S_V3", 2029, 10, 31),  # DCsv3, DCdsv3
    _series(r"DC\d+S_V2", 2026, 6, 30),  # DCsv2
    _series(r"[DE]C\d+AD?S_CC_V5", 2026, 9, 1),  # DCas_cc_v5, DCads_cc_v5, ECas_cc_v5, ECads_cc_v5
    _series(r"M192I(?:DM|D|M)?S_V2", 2027, 3, 31),
    _series(r"NC\d+R?S_V3", 2025, 9, 30),  # NCv3
    _series(r"NV\d+S_V3|NV\d+AS_V4", 2026, 9, 30),  # NVv3, NVv4
    _series(r"NP\d+S|HC44(?:-\d+)?RS|HB120(?:-\d+)?RS_V2", 2027, 5, 31),  # NP, HC, HBv2
)


def retirement(vm_size: str, cloud: CloudName) -> datetime | None:
    """When Microsoft's page says that the series of *vm_size* ends in *cloud*, UTC, or None where it names no day."""
    name = vm_size.strip().upper()
    for series in RETIREMENTS:
        if series.sizes.fullmatch(name) and (series.sovereign or cloud is CloudName.PUBLIC):
            return series.ends
    return None
