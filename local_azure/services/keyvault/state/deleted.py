"""Something in the soft-deleted state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Deleted(Generic[T]):
    """Something in the soft-deleted state, and when it is purged by itself."""

    item: T
    deleted_at: datetime
    purge_at: datetime
