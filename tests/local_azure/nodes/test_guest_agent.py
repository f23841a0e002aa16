"""The guest agent and the folders that it makes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from local_azure.nodes.guest_agent import release
from local_azure.nodes.machine import Machine

HANDLER = "var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0"

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("wanted", "upgrade", "version"),
    [
        ("1.0", True, "1.0.1363.13"),
        ("2.0", True, "2.2.2158.57"),
        ("2.0", False, "2.0.2158.57"),
        ("3.0", True, "3.0.1.0"),
        ("3", False, "3.0.1.0"),
        ("4.0", True, ""),
        ("", True, ""),
        ("x.y", True, ""),
    ],
)
async def test_the_type_handler_version_leads_to_a_release(
    extension: Any, wanted: str, upgrade: bool, version: str
) -> None:
    """The newest of the major version, or with `autoUpgradeMinorVersion` off of the minor one."""
    assert release({**extension(), "typeHandlerVersion": wanted, "autoUpgradeMinorVersion": upgrade}) == version


async def test_a_handler_is_laid_out_as_on_a_real_node(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """State, settings, status and heartbeat, closed where they are closed."""
    given = extension()
    machine = await make_machine(given)
    await machine.install_extensions()
    folder = machine.root / HANDLER
    assert {path.name for path in folder.iterdir()} == {
        *("HandlerEnvironment.json", "HandlerManifest.json", "config", "events", "heartbeat.log", "mrseq", "status"),
    }
    assert (folder / "config").stat().st_mode & 0o777 == (folder / "status").stat().st_mode & 0o777 == 0o700
    assert (folder / "config/HandlerState").read_text() == "Enabled"
    assert json.loads((folder / "config/HandlerStatus").read_text())["status"] == "Ready"
    settings = json.loads((folder / "config/1.settings").read_text())["runtimeSettings"][0]["handlerSettings"]
    assert settings["publicSettings"] == given["settings"]
    assert (folder / "mrseq").read_text() == "1"
    assert json.loads((folder / "status/1.status").read_text())[0]["status"]["status"] == "transitioning"
    assert "enabled" in (machine.root / "var/log/waagent.log").read_text()


async def test_protected_settings_are_not_written(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """On a real node they are encrypted; here they are nowhere."""
    machine = await make_machine({**extension(), "protectedSettings": {"password": "hunter2"}})
    await machine.install_extensions()
    files = [path for path in machine.root.rglob("*") if path.is_file()]
    assert not any(b"hunter2" in path.read_bytes() for path in files)


async def test_new_settings_get_the_next_number(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """The first status file stays, as on a real node; what counts is the newest."""
    machine = await make_machine(extension())
    await machine.install_extensions()
    await machine.install_extensions()
    folder = machine.root / HANDLER
    assert {path.name for path in (folder / "status").iterdir()} == {"1.status", "2.status"}
    (folder / "status/2.status").write_text("garbage")
    (status,) = machine.extension_statuses()
    assert (status.state, status.handler_version) == ("error", "3.0.1.0")


async def test_an_extension_that_is_not_ours_is_told_as_an_error(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """Honestly, and it does not hold up the others."""
    stranger = {"name": "Other", "publisher": "Some.One", "type": "Else", "typeHandlerVersion": "1.0"}
    machine = await make_machine(stranger, extension())
    await machine.install_extensions()
    other, ours = machine.extension_statuses()
    assert (other.name, other.state, "Some.One.Else" in other.message) == ("Other", "error", True)
    assert (ours.name, ours.state) == ("KVExtensions", "transitioning")


async def test_before_the_installation_nothing_is_known(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """An extension that is not there yet is on its way."""
    machine = await make_machine(extension())
    (status,) = machine.extension_statuses()
    assert (status.name, status.state, status.handler_version) == ("KVExtensions", "transitioning", "3.0.1.0")


async def test_of_several_versions_the_highest_enabled_one_runs(
    make_machine: Callable[..., Awaitable[Machine]], extension: Any
) -> None:
    """Old versions lie beside it; one that is not enabled does not count."""
    machine = await make_machine(extension())
    await machine.install_extensions()
    for version, state in (("3.0.10.0", "Enabled"), ("3.0.9.0", "Enabled"), ("3.1.0.0", "FailedUpgrade")):
        folder = machine.root / f"{HANDLER.removesuffix('3.0.1.0')}{version}"
        (folder / "config").mkdir(parents=True)
        (folder / "config/HandlerState").write_text(state)
    (status,) = machine.extension_statuses()
    assert status.handler_version == "3.0.10.0"
