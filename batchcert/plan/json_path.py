"""Looking into plain JSON that may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(body: object, path: str) -> Any:
    """What lies at the dotted *path*, or None where the way ends before."""
    found: object = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def objects(value: object) -> list[Mapping[str, object]]:
    """The objects in a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
