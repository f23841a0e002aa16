"""What a step would change, as data: computed once, rendered apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What happens to a resource. The set is closed."""

    CREATE = "create"
    UPDATE = "update"
    RECOVER = "recover"
    REPLACE = "replace"
    DELETE = "delete"
    NOTHING = "nothing"


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: its path, both values as text (never a secret), and why it matters."""

    path: str
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True)
class Change:
    """What is to happen to one resource, and why."""

    action: Action
    resource: str
    why: str = ""
    fields: tuple[FieldChange, ...] = field(default=())

    @property
    def writes(self) -> bool:
        """Whether carrying it out sends a write request."""
        return self.action is not Action.NOTHING
