"""The script of a visit, ready to be sent to a node."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from batchcert.spec.service import Endpoint

_PARTS = ("store.sh", "service.sh", "script.sh")  # the last line of the last one alone runs anything
HOOK = re.compile(r"[0-9A-Za-z-]{1,24}\.[0-9A-Za-z-]{1,127}")
"""What a hook can be called: VAULT.CERTIFICATE."""

_USER = re.compile(r"[a-z_][-a-z0-9_]{0,31}")  # what useradd takes on Debian


@dataclass(frozen=True)
class Asked:
    """What a visit is to look at.

    *stores* are the folders, whole paths, in which the extension keeps certificates; one given twice is visited once.
    *readers* are the users who are to read what is in a store, by its folder: each tries, as `nobody` does anyway.
    *served* is where services are asked for the certificate that they present. *hooks* are the names of those that the
    node should have.
    """

    stores: Sequence[str]
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    served: Sequence[Endpoint] = ()
    hooks: Sequence[str] = ()


def visit_script(asked: Asked) -> str:
    """The text for `sudo -n sh -s` on a node; its answer is read by `parse_answer`.

    Raises: ValueError for a reader that no account can be called, and for a hook that none is called.
    """
    stores = dict.fromkeys(asked.stores)
    words = [word for store in stores for word in (store, *_people(asked.readers.get(store, ())))]
    served = dict.fromkeys(f"{place.port}/{place.server_name}" for place in asked.served)
    if wrong := [name for name in asked.hooks if not HOOK.fullmatch(name)]:
        raise ValueError(f"no hook can be called {wrong[0]!r}")
    return "\n".join(
        [
            f"set -- {' '.join(map(shlex.quote, words))}",
            f"served='{' '.join(served)}' hooks='{' '.join(dict.fromkeys(asked.hooks))}'",
            _body(),
        ]
    )


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
