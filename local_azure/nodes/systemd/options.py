"""The command line of `systemctl`."""

from __future__ import annotations

import getopt
from collections.abc import Sequence
from dataclasses import dataclass

# Taken, and without meaning for a node that has no pager, no terminal and no other manager than its own.
_IGNORED = ("no-pager", "no-legend", "system", "full", "plain", "force", "no-ask-password", "no-wall", "all", "wait")
_IGNORED_WITH_VALUE = ("lines=", "output=", "job-mode=", "type=", "state=")
_SHORT = "qlfap:n:o:t:"
_LONG = ("quiet", "now", "no-block", "value", "property=", "timestamp=", *_IGNORED, *_IGNORED_WITH_VALUE)


class UsageError(Exception):
    """A command line that `systemctl` does not understand; the text is for standard error."""


@dataclass(frozen=True)
class Options:
    """A command line.

    Attributes:
        verb: the command, "list-units" where there is none.
        names: the units, with their suffix.
        wanted: the properties to show; all where there is none.
        unix: whether times are to be numbers.
    """

    verb: str
    names: tuple[str, ...]
    quiet: bool
    now: bool
    block: bool
    value: bool
    unix: bool
    wanted: tuple[str, ...]


def parse(words: Sequence[str]) -> Options:
    """Read a command line. Raises: UsageError."""
    try:
        given, rest = getopt.gnu_getopt(list(words), _SHORT, list(_LONG))
    except getopt.GetoptError as error:
        prefix = "--" if len(error.opt) > 1 else "-"
        raise UsageError(f"systemctl: unrecognized option '{prefix}{error.opt}'") from None
    flags = {name for name, _ in given}
    properties = [value for name, value in given if name in {"-p", "--property"}]
    return Options(
        verb=rest[0] if rest else "list-units",
        names=tuple(dict.fromkeys(_whole_name(name) for name in rest[1:])),
        quiet=bool(flags & {"-q", "--quiet"}),
        now="--now" in flags,
        block="--no-block" not in flags,
        value="--value" in flags,
        unix=("--timestamp", "unix") in given,
        wanted=tuple(name for value in properties for name in value.split(",") if name),
    )


def _whole_name(name: str) -> str:
    """A unit's name from what may be one, a path of its file, or one without ".service"."""
    last = name.rpartition("/")[2]
    return last if "." in last else f"{last}.service"
