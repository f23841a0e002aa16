"""The script of a visit, ready to be sent to a node."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

_PARTS = ("store.sh", "script.sh")  # the last line of the last one alone runs anything
_USER = re.compile(r"[a-z_][-a-z0-9_]{0,31}")  # what useradd takes on Debian


@dataclass(frozen=True)
class Asked:
    """What a visit is to look at.

    *stores* are the folders, whole paths, in which the extension keeps certificates; one given twice is visited once.
    *readers* are the users who are to read what is in a store, by its folder: each tries, as `nobody` does anyway.
    """

    stores: Sequence[str]
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict)


def visit_script(asked: Asked) -> str:
    """The text for `sudo -n sh -s` on a node; its answer is read by `parse_answer`.

    Raises: ValueError for a reader that no account can be called.
    """
    stores = dict.fromkeys(asked.stores)
    words = [word for store in stores for word in (store, *_people(asked.readers.get(store, ())))]
    return f"set -- {' '.join(map(shlex.quote, words))}\n{_body()}"


def _people(users: Sequence[str]) -> Iterator[str]:
    for user in dict.fromkeys(users):
        if not _USER.fullmatch(user):
            raise ValueError(f"no account can be called {user!r}")
        if user != "nobody":
            yield user


@cache
def _body() -> str:
    folder = resources.files(__package__)
    return "\n".join(folder.joinpath(part).read_text(encoding="utf-8") for part in _PARTS)
