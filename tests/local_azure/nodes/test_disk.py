"""The node's file system."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_azure.nodes.disk import AGENT_HOME, BATCH_ROOT, Disk

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "node", lambda: NOW)
    assert disk.lay_out(tmp_path / "shims")
    return disk


def test_a_disk_is_laid_out_once(disk: Disk, tmp_path: Path) -> None:
    """A second boot finds the disk as it was."""
    disk.write("/etc/kept", "x")
    assert not disk.lay_out(tmp_path / "shims")
    assert disk.host("/etc/kept").read_text() == "x"


@pytest.mark.parametrize(
    ("path", "mode"),
    [(AGENT_HOME, 0o700), ("/root", 0o700), ("/tmp", 0o777), (f"{BATCH_ROOT}/startup/wd", 0o755), ("/etc/ssh", 0o755)],
)
def test_folders_have_the_modes_of_a_real_node(disk: Disk, path: str, mode: int) -> None:
    """What is root's alone on a real node is so here."""
    assert disk.host(path).stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("path", ["/../../x", "../x", "/etc/../../../x", "x"])
def test_no_path_leads_out_of_the_disk(disk: Disk, path: str) -> None:
    """A store location or link name from a pool's settings may hold anything."""
    assert disk.host(path) == disk.root / "x"


def test_files_have_the_node_s_time(disk: Disk) -> None:
    """Files, and the folders that they change, are as old as the node's clock says."""
    disk.write("/opt/new/../file", "x")
    disk.mkdir("/opt/a/b")
    disk.append("/opt/a/log", "line")
    disk.link("/opt/link", "/opt/file")
    for path in ("/opt/file", "/opt/a/b", "/opt/a/log", "/opt/link", "/opt"):
        assert disk.host(path).lstat().st_mtime == NOW.timestamp()


def test_a_link_is_swung_over(disk: Disk) -> None:
    """The link leads to the newest target; no draft is left behind."""
    for name in ("one", "two"):
        disk.write(f"/opt/{name}", name)
        disk.link("/opt/link", f"/opt/{name}")
    assert disk.host("/opt/link").read_text() == "two"
    assert {path.name for path in disk.host("/opt").iterdir()} == {"one", "two", "link"}


def test_a_wiped_disk_is_gone(disk: Disk) -> None:
    """Also where folders are closed even to whoever made them."""
    disk.mkdir("/opt/closed/below", 0o700)
    disk.host("/opt/closed").chmod(0)
    disk.wipe()
    assert not disk.folder.exists()
