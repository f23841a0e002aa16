"""Unit files: settings in sections, as systemd.syntax(7) and systemd.unit(5) describe them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from local_azure.nodes.disk import Disk
from local_azure.nodes.views import ROOT, View

FOLDERS = ("/etc/systemd/system", "/run/systemd/system")
"""Where units are looked for; a name in the first hides it in the second."""

_NAME = re.compile(r"[\w:.\\-]+(?:@[\w:.\\-]*)?\.[a-z]+")
_TRUE = frozenset({"1", "yes", "y", "true", "t", "on"})
_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "hr": 3600.0, "d": 86400.0}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)")


class BadSettingError(Exception):
    """A unit file that cannot be used; the text says why, for the log."""


@dataclass(frozen=True)
class UnitFile:
    """What a unit's file says.

    Attributes:
        name: the unit's, with its instance.
        path: the file on the node; that of the template for an instance.
        settings: (section, key, value) in order, specifiers resolved.
    """

    name: str
    path: str
    settings: tuple[tuple[str, str, str], ...]

    def all(self, section: str, key: str) -> list[str]:
        """All values of a setting that may be given several times; an empty one forgets those before it."""
        values: list[str] = []
        for where, what, value in self.settings:
            if (where, what) == (section, key):
                values = [*values, value] if value else []
        return values

    def last(self, section: str, key: str, default: str = "") -> str:
        """The last value of a setting."""
        return next(reversed(self.all(section, key)), default)

    def flag(self, section: str, key: str) -> bool:
        """A yes-or-no setting; no where it is not given."""
        return self.last(section, key).lower() in _TRUE

    def seconds(self, section: str, key: str, default: float) -> float:
        """A span of time, systemd.time(7); "infinity" is that. Raises: BadSettingError."""
        text = self.last(section, key)
        return _seconds(text, key) if text else default

    def number(self, section: str, key: str, default: int) -> int:
        """A whole number. Raises: BadSettingError."""
        text = self.last(section, key, str(default))
        if not text.isdecimal():
            raise BadSettingError(f"{key}={text} is no number")
        return int(text)


def find_unit(disk: Disk, name: str) -> UnitFile | None:
    """The unit called *name*, an instance of a template too, or None where no folder has its file."""
    if not is_unit_name(name):
        return None
    prefix, at, rest = name.partition("@")
    template = f"{prefix}@.{rest.rpartition('.')[2]}" if at else name
    for candidate in dict.fromkeys((name, template)):
        for folder in FOLDERS:
            path = posixpath.join(folder, candidate)
            if disk.host(path).is_file():
                text = _in_node_s_words(disk, disk.host(path).read_bytes())
                return UnitFile(name, path, tuple(_settings(text, _specifiers(name))))
    return None


def is_unit_name(name: str) -> bool:
    """Whether a unit can be called so: PREFIX.TYPE, PREFIX@INSTANCE.TYPE."""
    return bool(_NAME.fullmatch(name))


def _in_node_s_words(disk: Disk, content: bytes) -> str:
    """A file's text: where a command on the node wrote it, it names the host's folders for the node's."""
    outward = View(disk, ROOT).outward()
    return (outward.feed(content) + outward.close()).decode(errors="replace")


def _settings(text: str, specifiers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    section, held = "", ""
    for line in text.splitlines():
        if line.lstrip().startswith(("#", ";")):
            continue  # also between the parts of a value
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole, held = (held + line).strip(), ""
        if whole.startswith("[") and whole.endswith("]"):
            section = whole[1:-1]
        elif "=" in whole:
            key, _, value = whole.partition("=")
            found.append((section, key.strip(), _resolved(value.strip(), specifiers)))
    return found


def _specifiers(name: str) -> dict[str, str]:
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    return {"%": "%", "n": name, "N": stem, "p": prefix, "i": instance, "I": instance, "t": "/run", "S": "/var/lib"}


def _resolved(value: str, specifiers: Mapping[str, str]) -> str:
    return re.sub(r"%(.)", lambda found: specifiers.get(found[1], found[0]), value)


def _seconds(text: str, key: str) -> float:
    if text == "infinity":
        return float("inf")
    total, at = 0.0, 0
    while at < len(text):
        found = _SPAN.match(text, at)
        if not found or found[2] not in _UNITS:
            raise BadSettingError(f"{key}={text} is no span of time")
        total, at = total + float(found[1]) * _UNITS[found[2]], found.end()
    return total
