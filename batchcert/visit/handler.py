"""Which of a node's handler versions counts.

Source: Azure Linux guest agent: NotInstalled and FailedUpgrade are ignored, the highest remaining version is taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from batchcert.visit.report import Handler

_IGNORED = frozenset({"", "NotInstalled", "FailedUpgrade"})  # without a readable state it counts as not installed


def version_key(version: str) -> tuple[int, ...]:
    """Orders versions by number: 3.0.10 after 3.0.9, and 3.0 as 3.0.0."""
    parts = [int(part) for part in version.split(".") if part.isdecimal()]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def newest_enabled(handlers: Iterable[Handler]) -> Handler | None:
    """The handler that the guest agent runs, or None where none is installed."""
    installed = [handler for handler in handlers if handler.state not in _IGNORED]
    return max(installed, key=lambda handler: version_key(handler.version), default=None)
