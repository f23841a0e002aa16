"""In which state a unit is, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

UP = frozenset({"active", "reloading"})
DOWN = frozenset({"inactive", "failed"})


class Condition:
    """The state of one unit, by *now*, the node's clock.

    Attributes:
        active: "active", "reloading", "inactive", "failed", "activating" or "deactivating".
        sub: what that is in the words of the unit's type, "running" say.
        result: "success", or why the unit failed.
        since: when each of `active`'s values began last.
        changed: when the state changed last.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.active = "inactive"
        self.sub = "dead"
        self.result = "success"
        self.since: dict[str, datetime] = {}
        self.changed: datetime | None = None

    def move(self, active: str, sub: str) -> None:
        """Be in another state from now on."""
        self.changed = self._now()
        if active != self.active:
            self.since[active] = self.changed
            self.since[f"after {self.active}"] = self.changed
        self.active, self.sub = active, sub

    @property
    def up(self) -> bool:
        """Whether the unit is up."""
        return self.active in UP

    @property
    def down(self) -> bool:
        """Whether the unit is down, and not on its way up or down."""
        return self.active in DOWN
