"""Unit files, read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_azure.nodes.disk import Disk
from local_azure.nodes.systemd.settings import path_settings, service_settings
from local_azure.nodes.systemd.unit_file import BadSettingError, UnitFile, find_unit


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "node", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    disk.lay_out(tmp_path)
    return disk


def _unit(disk: Disk, text: str, name: str = "x.service", file: str = "") -> UnitFile:
    disk.write(f"/etc/systemd/system/{file or name}", text)
    found = find_unit(disk, name)
    assert found
    return found


def test_what_is_written_is_read(disk: Disk) -> None:
    """Sections, comments, blanks, lines that go on, repeated settings, and an empty one that forgets."""
    text = """
# a comment
[Unit]
Description = two  words
; another
[Service]
ExecStart=/bin/one \\
# between
  two
Environment=A=1
Environment=B=2
User=first
User=second
Type=forgotten
Type=
nonsense
"""
    file = _unit(disk, text)
    assert file.last("Unit", "Description") == "two  words"
    assert file.last("Service", "ExecStart").split() == ["/bin/one", "two"]
    assert file.all("Service", "Environment") == ["A=1", "B=2"]
    assert file.last("Service", "User") == "second"
    assert file.last("Service", "Type", "simple") == "simple"
    assert file.all("Unit", "User") == []


@pytest.mark.parametrize(
    ("name", "file", "value"),
    [
        ("web.service", "web.service", "web.service web web  % %z /run"),
        ("web@.service", "web@.service", "web@.service web@ web  % %z /run"),
        ("web@a-b.service", "web@.service", "web@a-b.service web@a-b web a-b % %z /run"),
        ("web@a-b.service", "web@a-b.service", "web@a-b.service web@a-b web a-b % %z /run"),
    ],
)
def test_specifiers_are_filled_in(disk: Disk, name: str, file: str, value: str) -> None:
    """Also for an instance of a template."""
    unit = _unit(disk, "[Unit]\nDescription=%n %N %p %i %% %z %t\n", name, file)
    assert unit.last("Unit", "Description") == value
    assert unit.path == f"/etc/systemd/system/{file}"


def test_a_unit_in_etc_hides_one_in_run(disk: Disk) -> None:
    """As the search path has it."""
    disk.write("/run/systemd/system/x.service", "[Unit]\nDescription=run\n")
    found = find_unit(disk, "x.service")
    assert found
    assert found.last("Unit", "Description") == "run"
    assert _unit(disk, "[Unit]\nDescription=etc\n").last("Unit", "Description") == "etc"


@pytest.mark.parametrize("name", ["x", "../x.service", "/etc/passwd", "x y.service", "", ".service"])
def test_what_is_no_unit_s_name_is_not_looked_for(disk: Disk, name: str) -> None:
    """No name leads out of the folders of units."""
    disk.write("/etc/systemd/system/x y.service", "")
    assert find_unit(disk, name) is None


def test_the_host_s_paths_are_the_node_s(disk: Disk) -> None:
    """A script on the node wrote them, translated."""
    file = _unit(
        disk,
        f"[Path]\nPathChanged={disk.root}/var/lib/x\nPathExists={disk.shared}/tmp/y\nPathExists={disk.root}\n",
        "x.path",
    )
    assert path_settings(file).watched == (("PathChanged", "/var/lib/x"), ("PathExists", "/tmp/y"), ("PathExists", "/"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("1min 30s", 90),
        ("1h", 3600),
        ("200ms", 0.2),
        ("infinity", float("inf")),
        ("0", float("inf")),
        ("2d1s", 172801),
    ],
)
def test_spans_of_time(disk: Disk, text: str, seconds: float) -> None:
    """As systemd.time(7) writes them; a timeout of 0 is none."""
    file = _unit(disk, f"[Service]\nExecStart=/bin/true\nTimeoutStopSec={text}\n")
    assert service_settings(file).stop_timeout == seconds


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("", "has no ExecStart="),
        ("Type=notify\nExecStart=/bin/true", "Type=notify"),
        ("Restart=maybe\nExecStart=/bin/true", "Restart=maybe"),
        ("ExecStart=/bin/true\nExecStart=/bin/true", "more than one ExecStart="),
        ("ExecStart=/bin/sh -c 'x", "unbalanced quoting"),
        ("ExecStart=-", "empty path"),
        ("ExecStart=/bin/true\nTimeoutStopSec=soon", "TimeoutStopSec=soon"),
        ("ExecStart=/bin/true\n[Unit]\nStartLimitBurst=many", "StartLimitBurst=many"),
    ],
)
def test_a_service_that_is_no_good(disk: Disk, service: str, said: str) -> None:
    """The reason names the setting."""
    with pytest.raises(BadSettingError, match=said):
        service_settings(_unit(disk, f"[Service]\n{service}\n"))


@pytest.mark.parametrize(("path", "said"), [("", "lacks path setting"), ("PathChanged=opt", "not absolute")])
def test_a_path_unit_that_is_no_good(disk: Disk, path: str, said: str) -> None:
    """The reason names the setting."""
    with pytest.raises(BadSettingError, match=said):
        path_settings(_unit(disk, f"[Path]\n{path}\n", "x.path"))


def test_what_is_not_said_is_as_systemd_has_it(disk: Disk) -> None:
    """A oneshot may take for ever to start, others 90 seconds."""
    simple = service_settings(_unit(disk, "[Service]\nExecStart=/bin/true\n"))
    assert (simple.kind, simple.user, simple.folder, simple.stays) == ("simple", "root", "/", False)
    assert (simple.start_timeout, simple.stop_timeout, simple.restart, simple.restart_after) == (90, 90, "no", 0.1)
    assert (simple.limit.interval, simple.limit.burst) == (10, 5)
    oneshot = service_settings(_unit(disk, "[Service]\nType=oneshot\nExecStart=/bin/true\nExecStart=/bin/false\n"))
    assert (oneshot.start_timeout, len(oneshot.start)) == (float("inf"), 2)
    path = path_settings(_unit(disk, "[Path]\nPathExists=/opt\n", "y.path"))
    assert (path.unit, path.make, path.limit.interval, path.limit.burst) == ("y.service", False, 2, 200)
