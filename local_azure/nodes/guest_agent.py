"""The guest agent: installs the extensions that the pool asks for, runs them, and tells how they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from local_azure.machines import ExtensionStatus
from local_azure.nodes.disk import Disk
from local_azure.nodes.extension.service import KeyVaultService
from local_azure.nodes.handler import Handler, installed
from local_azure.nodes.status_file import Status, stamp

KEYVAULT = "Microsoft.Azure.KeyVault.KeyVaultForLinux"

# The newest release of each major version. 1.0.1363.13 is the one in Batch's document on certificate rotation,
# 2.2.2158.57 the one in Azure/azure-linux-extensions#1915; of 3.0 no number is published, so this one is made up.
_RELEASES = {1: "1.0.1363.13", 2: "2.2.2158.57", 3: "3.0.1.0"}

MakeService = Callable[[Handler], KeyVaultService]


class GuestAgent:
    """The agent of one node. *extensions* are the pool's; *make_service* gives what runs for an enabled handler."""

    def __init__(
        self,
        extensions: Sequence[Mapping[str, Any]],
        *,
        disk: Disk,
        now: Callable[[], datetime],
        make_service: MakeService,
    ) -> None:
        self._extensions = extensions
        self._disk = disk
        self._now = now
        self._make_service = make_service
        self._service: KeyVaultService | None = None
        self._handler: Handler | None = None

    @property
    def service(self) -> KeyVaultService | None:
        """The KeyVaultForLinux service that runs on the node, if any."""
        return self._service

    async def install(self) -> None:
        """Install and start what the pool asks for; an unknown handler is only logged, and reported as an error."""
        for extension in self._extensions:
            version = release(extension)
            if not version:
                self._log(f"ExtHandler {_handler_name(extension)} was not found in the artifact store")
                continue
            handler = Handler(self._disk, KEYVAULT, version, self._now)
            handler.install(extension)
            self._log(f"ExtHandler {handler.name}-{version} enabled")
            await self._start(handler)

    async def resume(self) -> None:
        """After a boot: start what an earlier boot had enabled."""
        if handler := next(installed(self._disk, KEYVAULT, self._now), None):
            await self._start(handler)

    async def restart(self) -> None:
        """Start anew what runs."""
        if self._handler:
            await self._start(self._handler)

    def stop(self) -> None:
        """Stop what runs; what is installed stays."""
        if self._service:
            self._service.stop()
        self._service = self._handler = None

    def statuses(self) -> list[ExtensionStatus]:
        """What each extension's newest status file says."""
        return [self._status(extension) for extension in self._extensions]

    def _status(self, extension: Mapping[str, Any]) -> ExtensionStatus:
        name, version = str(extension.get("name", "")), release(extension)
        if not version:
            unknown = f"The handler {_handler_name(extension)} is not one that the embedded Azure has."
            return ExtensionStatus(name, "error", unknown, "")
        handler = self._newest()
        status = handler.status() if handler else Status("transitioning", "")
        return ExtensionStatus(name, status.state, status.message, handler.version if handler else version)

    def _newest(self) -> Handler | None:
        """The newest handler that is enabled; the one that runs where it is that."""
        found = next(installed(self._disk, KEYVAULT, self._now), None)
        return self._handler if found and self._handler and found.folder == self._handler.folder else found

    async def _start(self, handler: Handler) -> None:
        self.stop()
        self._handler, self._service = handler, self._make_service(handler)
        await self._service.start()

    def _log(self, text: str) -> None:
        self._disk.append("/var/log/waagent.log", f"{stamp(self._now())} INFO {text}")


def release(extension: Mapping[str, Any]) -> str:
    """The handler version that an extension's `typeHandlerVersion` leads to, "" for a handler that does not exist.

    With `autoUpgradeMinorVersion` it is the newest of the major version, else of the minor one.
    """
    major, _, minor = str(extension.get("typeHandlerVersion", "")).partition(".")
    if _handler_name(extension) != KEYVAULT or not major.isdecimal() or int(major) not in _RELEASES:
        return ""
    newest = _RELEASES[int(major)]
    if extension.get("autoUpgradeMinorVersion"):
        return newest
    return f"{major}.{minor.partition('.')[0] or 0}.{newest.split('.', 2)[2]}"


def _handler_name(extension: Mapping[str, Any]) -> str:
    return f"{extension.get('publisher', '')}.{extension.get('type', '')}"
