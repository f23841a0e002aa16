"""Why a demonstration could not go on."""

from __future__ import annotations

from pathlib import Path


class DemoFailedError(Exception):
    """*reason* for a person; *log*, where there is one, holds the rest of the story."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log
