"""The script that puts hooks on a node, ready to be run there as root."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from batchcert.hook.hook import Hook, part

LONGEST_COMMAND_SECONDS = 300
"""How long systemd lets a command run; as in install.sh."""

_COMMAND_ENDS = "BATCHCERT-COMMAND-ENDS"
_RUN_ENDS = "BATCHCERT-RUN-ENDS"


def install_script(hooks: Sequence[Hook], *, wait: bool = False) -> str:
    """The text for root's `sh` that brings a node's hooks to *hooks*: a second run changes nothing.

    It has each command run for the version that is there, if it has not yet: it goes on meanwhile, so that no node
    comes up late for it; or it does *wait* until all have ended, up to `LONGEST_COMMAND_SECONDS` each.

    Raises: ValueError for a command that is not one line.
    """
    return "\n".join(
        [
            part("install.sh"),
            f"put \"$rotation/run\" <<'{_RUN_ENDS}'\n{part('run.sh')}{_RUN_ENDS}",
            *map(_hook, hooks),
            f"enable_all {'--wait' if wait else '--no-block'} {' '.join(hook.revision for hook in hooks)}\n",
        ]
    )


def _hook(hook: Hook) -> str:
    if "\n" in hook.command or hook.command == _COMMAND_ENDS:
        raise ValueError(f"the command for {hook.name} is not one line")
    watched = hook.store.replace("%", "%%")  # systemd.unit(5), specifiers
    words = " ".join(map(shlex.quote, (hook.name, hook.store, hook.file, watched)))
    return f"hook {words} <<'{_COMMAND_ENDS}'\n{hook.command}\n{_COMMAND_ENDS}"
