"""Which way each field of a pool can be changed, and why.

Sources: Microsoft.Batch/batchAccounts/pools and the Batch service's update of a pool, API version 2025-06-01 ("This
field can be updated only when the pool is empty"); "Update pool properties" and "Use extensions with Batch pools",
Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """The ways of a change, the weakest first: each can do all that those before it can."""

    IN_PLACE = "update in place"
    AT_ZERO = "at zero nodes"
    BESIDE = "a new pool beside the old"

    def covers(self, other: Way) -> bool:
        """Whether what *other* can change, this way can change too."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(Way)


def strongest(ways: list[Way]) -> Way:
    """The weakest way that covers all of *ways*, of which there is one at least."""
    return max(ways, key=_ORDER.index)


@dataclass(frozen=True)
class Rule:
    """How the fields below a path can be changed.

    Attributes:
        path: what their paths start with, below `properties` as `pool_fields` writes them.
        way: the weakest way that is sure to work while the pool has nodes.
        why: why not a weaker one; for the weakest, what comes of it.
        least: the weakest way that Azure's descriptions allow at all.
    """

    path: str
    way: Way
    why: str
    least: Way


def _rule(path: str, way: Way, why: str, least: Way | None = None) -> Rule:
    return Rule(path, way, why, least or way)


# The first whose path fits decides; the last fits all.
RULES: tuple[Rule, ...] = (
    _rule("scaleSettings.", Way.IN_PLACE, "a pool is resized as it is; nodes finish their tasks before they leave"),
    _rule("startTask.", Way.IN_PLACE, "nodes that join or restart run the new one; the others have run the old one"),
    _rule("metadata[", Way.IN_PLACE, "visits read it; nodes do not know of it"),
    _rule("identity.", Way.AT_ZERO, "an identity reaches only nodes that are made after the pool was empty"),
    _rule("vmSize", Way.AT_ZERO, "nodes keep the size they were made with; Batch takes another on an empty pool"),
    _rule("deploymentConfiguration.", Way.AT_ZERO, "nodes keep their image; Batch takes another on an empty pool"),
    _rule("inboundNatPools[", Way.AT_ZERO, "Batch changes a pool's network only while it is empty"),
    _rule("networkConfiguration.", Way.AT_ZERO, "Batch changes a pool's network only while it is empty"),
    _rule("taskSchedulingPolicy.", Way.AT_ZERO, "Batch changes the placement of tasks only while the pool is empty"),
    _rule(
        "extensions[",
        Way.BESIDE,
        "extensions do not change under nodes, and Microsoft's documents disagree on whether they do on an empty pool",
        least=Way.AT_ZERO,
    ),
    _rule("", Way.BESIDE, "nothing is known of changing it on a pool that exists"),
)


def rule_of(path: str) -> Rule:
    """The rule for the field at *path*."""
    return next(rule for rule in RULES if path.startswith(rule.path))
