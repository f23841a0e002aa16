"""The service's log on the node, in the extension's own form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from local_azure.nodes.disk import Disk


class ServiceLog:
    """Writes /var/log/azure/NAME/akvvm_service.log; only what changed is written, so that years of polls fit."""

    def __init__(self, disk: Disk, name: str, now: Callable[[], datetime]) -> None:
        self._disk = disk
        self._now = now
        self._folder = f"/var/log/azure/{name}"

    def info(self, part: str, text: str) -> None:
        """Write a line of level info; *part* is the part of the service that speaks."""
        self._line("info", part, text)

    def error(self, part: str, text: str) -> None:
        """Write a line of level error."""
        self._line("error", part, text)

    def _line(self, level: str, part: str, text: str) -> None:
        self._disk.mkdir(self._folder)
        self._disk.append(f"{self._folder}/akvvm_service.log", f"{self._now():%F %T}: <{level}> [{part}]\t{text}")
