"""The folder in which the guest agent keeps one version of one extension handler.

Source: WALinuxAgent's `exthandlers.py`: /var/lib/waagent/NAME-VERSION with `config` and `status` 0700, HandlerState,
HandlerStatus, N.settings, N.status, mrseq, heartbeat.log and HandlerManifest.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from local_azure.nodes.disk import AGENT_HOME, Disk
from local_azure.nodes.status_file import Status, read_status, stamp, status_file

_FIRST_SEQUENCE = 1  # as on the pool nodes in Batch's own documents


class Handler:
    """One installed handler version; `installed` finds those on a disk, `install` makes one.

    Attributes:
        name: publisher and type, as in Microsoft.Azure.KeyVault.KeyVaultForLinux.
        version: four numbers.
        folder: its folder on the node.
        half_status: whether only the first half of its status file gets written; the agent goes by what it read last.
    """

    def __init__(self, disk: Disk, name: str, version: str, now: Callable[[], datetime]) -> None:
        self._disk = disk
        self._now = now
        self.name = name
        self.version = version
        self.folder = f"{AGENT_HOME}/{name}-{version}"
        self.half_status = False
        self._told: Status | None = None

    @property
    def major(self) -> int:
        """The first number of its version."""
        return int(self.version.partition(".")[0])

    @property
    def enabled(self) -> bool:
        """Whether the agent enabled it."""
        state = self._disk.host(f"{self.folder}/config/HandlerState")
        return state.is_file() and state.read_text().strip() == "Enabled"

    @property
    def sequence(self) -> int:
        """The number of its newest settings, as `mrseq` has it."""
        file = self._disk.host(f"{self.folder}/mrseq")
        return int(file.read_text()) if file.is_file() else 0

    @property
    def status_path(self) -> Path:
        """Its newest status file, on the host."""
        return self._disk.host(f"{self.folder}/status/{self.sequence}.status")

    def install(self, settings: Mapping[str, Any]) -> None:
        """Lay out the folder and enable the handler with *settings*, under the next sequence number.

        *settings* is the extension as the pool has it: its settings go into the file as they are, whatever they are.
        """
        for name in ("config", "status", "events"):
            self._disk.mkdir(f"{self.folder}/{name}", 0o700)
        sequence = max(self.sequence + 1, _FIRST_SEQUENCE)
        self._write("HandlerManifest.json", json.dumps(_manifest()), 0o644)
        self._write("HandlerEnvironment.json", json.dumps(self._environment()), 0o644)
        self._write(f"config/{sequence}.settings", json.dumps(_settings_file(settings)), 0o600)
        self._write("mrseq", f"{sequence}", 0o644)
        self._write("config/HandlerState", "Enabled", 0o600)
        self.beat("Ready", "Plugin enabled")

    def settings(self) -> Any:
        """The public settings, as whoever made the pool gave them: not even sure to be an object."""
        file = self._disk.host(f"{self.folder}/config/{self.sequence}.settings")
        return json.loads(file.read_text())["runtimeSettings"][0]["handlerSettings"]["publicSettings"]

    def report(self, state: str, operation: str, message: str) -> None:
        """Write the status file of the newest settings."""
        content = status_file(state, operation, message, self._now())
        self._told = Status(state, message)
        if self.half_status:
            content = content[: len(content) // 2]
        self._write(f"status/{self.sequence}.status", content, 0o600)

    def status(self) -> Status:
        """What the agent reads in the newest status file."""
        return self._told if self.half_status and self._told else read_status(self.status_path)

    def beat(self, state: str, message: str) -> None:
        """Write HandlerStatus and the heartbeat: the agent's view of the handler, not of its work."""
        text = {"lang": "en-US", "message": message}
        status = {
            "handlerName": self.name,
            "handlerVersion": self.version,
            "status": state,
            "code": 0,
            "formattedMessage": text,
            "timestampUTC": stamp(self._now()),
        }
        beat = [{"version": 1.0, "heartbeat": {"status": state.lower(), "code": 0, "formattedMessage": text}}]
        self._write("config/HandlerStatus", json.dumps(status), 0o600)
        self._write("heartbeat.log", json.dumps(beat), 0o600)

    def _write(self, name: str, content: str | bytes, mode: int) -> None:
        self._disk.write(f"{self.folder}/{name}", content, mode)

    def _environment(self) -> list[dict[str, Any]]:
        folders = {
            "logFolder": f"/var/log/azure/{self.name}",
            "configFolder": f"{self.folder}/config",
            "statusFolder": f"{self.folder}/status",
            "eventsFolder": f"{self.folder}/events",
            "heartbeatFile": f"{self.folder}/heartbeat.log",
        }
        return [{"name": self.name, "version": 1.0, "handlerEnvironment": folders}]


def installed(disk: Disk, name: str, now: Callable[[], datetime]) -> Iterator[Handler]:
    """The enabled versions of a handler on *disk*, highest first."""
    folders = disk.host(AGENT_HOME).glob(f"{name}-*")
    versions = {tuple(int(part) for part in found.split(".")): found for found in _versions(folders, name)}
    handlers = (Handler(disk, name, versions[version], now) for version in sorted(versions, reverse=True))
    return (handler for handler in handlers if handler.enabled)


def _versions(folders: Iterator[Path], name: str) -> Iterator[str]:
    found = (folder.name.removeprefix(f"{name}-") for folder in folders)
    return (version for version in found if all(part.isdecimal() for part in version.split(".")))


def _settings_file(extension: Mapping[str, Any]) -> dict[str, Any]:
    # Protected settings reach a real node encrypted; no handler here has any, so none are written.
    handler = {
        "publicSettings": extension.get("settings", {}),
        "protectedSettings": None,
        "protectedSettingsCertThumbprint": None,
    }
    return {"runtimeSettings": [{"handlerSettings": handler}]}


def _manifest() -> list[dict[str, Any]]:
    commands = ("install", "uninstall", "update", "enable", "disable")
    manifest: dict[str, Any] = {f"{name}Command": f"bin/{name}.sh" for name in commands}
    return [{"version": 1.0, "handlerManifest": {**manifest, "rebootAfterInstall": False, "reportHeartbeat": True}}]
