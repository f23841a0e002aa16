"""Which units start with the node: links in the .wants folders of targets, systemctl(1) enable and disable."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from local_azure.nodes.disk import Disk
from local_azure.nodes.systemd.unit_file import FOLDERS, UnitFile

_HOME = FOLDERS[0]
# What a boot of a server comes past, besides the target that it is for.
_BOOT = ("sysinit.target", "basic.target", "paths.target", "multi-user.target", "graphical.target", "default.target")


def wanted_at_boot(disk: Disk) -> list[str]:
    """The names of the units that are to start with the node."""
    folders = (disk.host(f"{_HOME}/{target}.wants") for target in _BOOT)
    return sorted({link.name for folder in folders if folder.is_dir() for link in folder.iterdir()})


def links_of(disk: Disk, name: str) -> list[str]:
    """The links on the node by which the unit called *name* is enabled."""
    found = disk.host(_HOME).glob(f"*.wants/{name}")
    return sorted(f"{_HOME}/{link.parent.name}/{link.name}" for link in found)


def enable(disk: Disk, file: UnitFile) -> Iterator[str]:
    """Make the links that a unit's [Install] section asks for. Gives the path of each new one."""
    for target in _targets(file):
        folder = f"{_HOME}/{target}.wants"
        link = posixpath.join(folder, file.name)
        if not disk.host(link).is_symlink():
            disk.mkdir(folder)
            disk.link(link, file.path)
            yield link


def disable(disk: Disk, name: str) -> list[str]:
    """Remove all links to the unit called *name*. Returns their paths."""
    links = links_of(disk, name)
    for link in links:
        disk.remove(link)
    return links


def can_be_enabled(file: UnitFile) -> bool:
    """Whether a unit says what it is to start with."""
    return bool(_targets(file))


def state_of(disk: Disk, file: UnitFile) -> str:
    """A unit's state in the words of `systemctl is-enabled`."""
    if links_of(disk, file.name):
        return "enabled"
    return "disabled" if can_be_enabled(file) else "static"


def _targets(file: UnitFile) -> list[str]:
    values = (*file.all("Install", "WantedBy"), *file.all("Install", "RequiredBy"))
    return [target for value in values for target in value.split()]
