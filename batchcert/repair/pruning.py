"""The script that removes expired files, ready to be sent to nodes ahead of a visit's."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from importlib import resources

from batchcert.repair.old_files import OldFile


def prune_script(files: Iterable[OldFile]) -> str:
    """The text that removes those of *files* that may be removed, to be put in front of a visit's script.

    All of it is for every node it is sent to: a node removes what it has of it, and only what is still as it was seen.
    It is one function, called at its end, so that half of it does nothing.
    """
    wanted = sorted({(file.folder, file.path, file.sha256) for file in files if file.removable})
    calls = [f"  prune_file {' '.join(map(shlex.quote, words))}" for words in wanted]
    body = resources.files(__package__).joinpath("prune.sh").read_text(encoding="utf-8")
    return "\n".join([body, "prune_all() {", *calls, "  :", "}", "prune_all </dev/null >/dev/null 2>&1", ""])
