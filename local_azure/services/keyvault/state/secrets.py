"""Ordinary secrets, as they are remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class SecretVersion:
    """One version of an ordinary secret (not one that belongs to a certificate)."""

    id: str
    value: str = field(repr=False)
    created: datetime
    updated: datetime
    content_type: str = ""
    enabled: bool = True
    not_before: datetime | None = None
    expires: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Secret:
    """An ordinary secret: its versions in the order they were made (the last is current)."""

    name: str
    versions: dict[str, SecretVersion] = field(default_factory=dict)

    @property
    def current(self) -> SecretVersion:
        """The newest version; a secret has at least one."""
        return next(reversed(self.versions.values()))
