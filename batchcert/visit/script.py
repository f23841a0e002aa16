"""The script of a visit, ready to be sent to a node."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cache
from importlib import resources


def visit_script(stores: Sequence[str]) -> str:
    """The text for `sudo -n sh -s` on a node; its answer is read by `parse_answer`.

    *stores* are the folders, whole paths, in which the extension keeps certificates; one given twice is visited once.
    """
    folders = " ".join(shlex.quote(store) for store in dict.fromkeys(stores))
    return f"set -- {folders}\n{_body()}"


@cache
def _body() -> str:
    return resources.files(__package__).joinpath("script.sh").read_text(encoding="utf-8")
