"""Which actions a list of Azure permissions allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Permission:
    """What one role gives: patterns of actions, `*` for any run of characters; a case that does not count."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str, *, data: bool = False) -> bool:
        """Whether it gives *action*, of the management plane or of the data plane.

        Source: "Understand Azure role definitions", Microsoft Learn: what NotActions leave out, another role may give.
        """
        given, withheld = (self.data_actions, self.not_data_actions) if data else (self.actions, self.not_actions)
        return _matches(given, action) and not _matches(withheld, action)


def missing(permissions: Sequence[Permission], actions: Iterable[str], *, data: bool = False) -> list[str]:
    """Those of *actions* that none of the *permissions* gives, in their order."""
    return [action for action in actions if not any(one.allows(action, data=data) for one in permissions)]


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
