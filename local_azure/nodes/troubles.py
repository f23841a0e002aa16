"""What can be wrong with a machine on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from local_azure.nodes.extension.lies import LIES
from local_azure.nodes.extension.misreading import MISREADINGS
from local_azure.wire.faults import Effect

DOMAIN = "node"
_AGENT_LOST = "The node agent did not report in time."


@dataclass(frozen=True)
class Troubles:
    """What is wrong with a machine; by default nothing.

    Attributes:
        start_lag: how much longer than usual it takes to start.
        unusable: why it does not come up, or "".
        start_task_fails: whether its start task ends with an error, whatever it does.
        misreading: how its extension misreads its settings, one of `MISREADINGS`, or "".
        half_status: whether only the first half of its extension's status file gets written.
        lie: how its extension claims success without the current certificate, one of `LIES`, or "".
        ssh_refused: whether nothing listens at its SSH port.
        ssh_greeting: how long its SSH server waits before it says anything.
        ssh_drop_after: how many bytes a session may send before its connection breaks, or None.
        ssh_foreign_key: whether its SSH server shows another host key than the one on its disk.
        skew: how far its clock is ahead.
    """

    start_lag: timedelta = timedelta(0)
    unusable: str = ""
    start_task_fails: bool = False
    misreading: str = ""
    half_status: bool = False
    lie: str = ""
    ssh_refused: bool = False
    ssh_greeting: timedelta = timedelta(0)
    ssh_drop_after: int | None = None
    ssh_foreign_key: bool = False
    skew: timedelta = timedelta(0)

    @staticmethod
    def of(effects: Iterable[Effect]) -> Troubles:
        """What *effects* amount to; where two are about the same, the older one, which comes first, counts."""
        troubles = NONE
        for effect in reversed(list(effects)):
            troubles = replace(troubles, **_FIELDS[effect.name](effect))
        return troubles

    @property
    def of_start(self) -> tuple[str, bool]:
        """What a machine that is up shows only once it starts anew, and shows for good."""
        return self.unusable, self.start_task_fails

    @property
    def of_ssh(self) -> tuple[bool, timedelta, bool]:
        """What the SSH server takes up when it starts."""
        return self.ssh_refused, self.ssh_greeting, self.ssh_foreign_key

    @property
    def of_extension(self) -> tuple[str, bool, str]:
        """What the extension takes up when it starts."""
        return self.misreading, self.half_status, self.lie


NONE = Troubles()

_FIELDS: Mapping[str, Callable[[Effect], Mapping[str, Any]]] = {
    "slow-start": lambda effect: {"start_lag": timedelta(seconds=effect.seconds)},
    "unusable": lambda effect: {"unusable": effect.message or _AGENT_LOST},
    "start-task-failed": lambda _: {"start_task_fails": True},
    "extension-error": lambda effect: {"misreading": effect.kind},
    "status-half-written": lambda _: {"half_status": True},
    "lying": lambda effect: {"lie": effect.kind},
    "ssh-refused": lambda _: {"ssh_refused": True},
    "ssh-slow-banner": lambda effect: {"ssh_greeting": timedelta(seconds=effect.seconds)},
    "ssh-dropped": lambda effect: {"ssh_drop_after": effect.size},
    "ssh-host-key": lambda _: {"ssh_foreign_key": True},
    "clock-skewed": lambda effect: {"skew": timedelta(seconds=effect.seconds)},
}
NAMES = frozenset(_FIELDS)
__all__ = ["DOMAIN", "LIES", "MISREADINGS", "NAMES", "NONE", "Troubles"]
