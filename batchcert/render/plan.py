"""A list of changes as text: what is to happen to each resource, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from batchcert.changes import Action, Change, FieldChange
from batchcert.visit.text import one_line

_SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RECOVER: "+",
    Action.REPLACE: "-/+",
    Action.DELETE: "-",
    Action.NOTHING: "=",
}
_WAYS = {
    Action.CREATE: "create",
    Action.UPDATE: "update in place",
    Action.RECOVER: "recover what was soft-deleted",
    Action.REPLACE: "new beside the old",
    Action.DELETE: "delete",
    Action.NOTHING: "already right",
}
_VALUE_LIMIT = 400


def plan_text(changes: Sequence[Change]) -> str:
    """A line for each resource, a line for each field that differs, and a line that sums up; ends with a newline."""
    return "\n".join([*map(change_text, changes), plan_summary(changes)]) + "\n"


def change_text(change: Change) -> str:
    """A line for the resource, and a line for each field that differs; without a newline at the end."""
    return "\n".join(_change(change))


def plan_summary(changes: Iterable[Change]) -> str:
    """How many resources are to be changed in which way."""
    counts = Counter(change.action for change in changes)
    right = counts[Action.NOTHING]
    told = [f"{counts[action]} to {action}" for action in Action if action is not Action.NOTHING and counts[action]]
    if not told:
        return f"  nothing to do: {right} already right" if right else "  nothing to do"
    return "  " + ", ".join([*told, *([f"{right} already right"] if right else [])])


def _change(change: Change) -> list[str]:
    head = f"{_SYMBOLS[change.action]:>3} {one_line(change.resource)}  {_WAYS[change.action]}{_because(change.why)}"
    width = max((len(field.path) for field in change.fields), default=0)
    return [head, *(_field(field, width) for field in change.fields)]


def _field(field: FieldChange, width: int) -> str:
    path = one_line(field.path).ljust(width)
    return f"      {path}   {_value(field.before)} -> {_value(field.after)}{_because(field.why)}"


def _value(text: str) -> str:
    return one_line(text, _VALUE_LIMIT) or "(none)"


def _because(why: str) -> str:
    return f"   # {one_line(why)}" if why else ""
