"""Batch's view of an extension, read as a report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchcert.visit.extension_view import ExtensionView, ViewStatus, report_of

NOW, BOOTED = datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)


def view(*statuses: ViewStatus, provisioning: str = "Succeeded", kind: str = "KeyVaultForLinux") -> ExtensionView:
    """The view of an extension with these statuses."""
    return ExtensionView("Microsoft.Azure.KeyVault", kind, "3.0", provisioning, statuses)


SUCCESS = ViewStatus("ProvisioningState/succeeded", "Info", "started")
TRYING = ViewStatus("ProvisioningState/transitioning", "Info", "retrying")
FAILED = ViewStatus("ProvisioningState/failed/7", "Error", "Identity not found")
WARNING = ViewStatus("ProvisioningState/succeeded", "Warning", "with a reservation")


@pytest.mark.parametrize(
    ("seen", "state", "message"),
    [
        (view(SUCCESS), "success", "started"),
        (view(TRYING), "transitioning", "retrying"),
        (view(FAILED), "error", "Identity not found"),
        (view(WARNING), "warning", "with a reservation"),
        (view(SUCCESS, FAILED), "error", "Identity not found"),
        (view(SUCCESS, TRYING), "transitioning", "retrying"),
        (view(ViewStatus("ComponentStatus/StdErr/succeeded", "Error", "boom")), "error", "boom"),
        (view(ViewStatus("ProvisioningState/dreaming", "Info", "?")), "error", "?"),
        (view(ViewStatus("", "", "")), "error", ""),
        (view(provisioning="Succeeded"), "success", "provisioning state Succeeded"),
        (view(provisioning="Failed"), "error", "provisioning state Failed"),
        (view(provisioning="Creating"), "transitioning", "provisioning state Creating"),
        (view(provisioning=""), "transitioning", "provisioning state not told"),
        (view(ViewStatus("x/succeeded", "Info", "two\nlines\x1b[31m")), "success", "two lines [31m"),
    ],
)
def test_its_status(seen: ExtensionView, state: str, message: str) -> None:
    """In the words of a status file, the worst of several; what nobody knows is an error."""
    (handler,) = report_of([seen], seen_at=NOW, since=BOOTED).handlers
    assert handler.status is not None
    assert (handler.version, handler.state) == ("3.0", "Enabled")
    assert (handler.status.state, handler.status.message) == (state, message)
    assert datetime.fromisoformat(handler.status.timestamp) == BOOTED


def test_it_shows_no_store() -> None:
    """Nor the node's own time; since when is not known where the boot is not."""
    report = report_of([view(SUCCESS)], seen_at=NOW, since=None)
    assert (report.stores, report.users, report.node_time) == ((), (), NOW)
    assert report.handlers[0].status is not None
    assert report.handlers[0].status.timestamp == ""


def test_other_extensions_are_none_of_ours() -> None:
    """Whatever the case of their names."""
    others = [view(FAILED, kind="KeyVaultForWindows"), ExtensionView("Contoso", "KeyVaultForLinux", "1.0", "Failed")]
    assert report_of(others, seen_at=NOW, since=None).handlers == ()
    assert len(report_of([*others, view(SUCCESS, kind="keyvaultforlinux")], seen_at=NOW, since=None).handlers) == 1
