"""What the fields of a body sent to the admin port accept, in words and as a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 366 * 86_400.0  # seconds


@dataclass(frozen=True)
class Field:
    """What a field accepts, in words and as a test."""

    accepts: str
    test: Callable[[Any], bool]

    def fault(self, name: str, value: Any) -> str:
        """What is wrong with the *value* of the field called *name*; "" where it is accepted."""
        return "" if self.test(value) else f"{name}: {value!r} is not {self.accepts}"


def number(low: float, high: float) -> Callable[[Any], bool]:
    """Accepts a number between both, these included."""
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def count(low: int) -> Callable[[Any], bool]:
    """Accepts a whole number of *low* or more."""
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= low


def text(value: Any) -> bool:
    """Accepts any text but an empty one."""
    return isinstance(value, str) and bool(value)


SPAN = Field(f"seconds, more than 0 and at most {LONGEST:.0f}", number(1e-3, LONGEST))
ONE_OR_MORE = Field("a number of 1 or more", count(1))


def faults(body: Mapping[str, Any], fields: Mapping[str, Field], *, what: str, needs: Iterable[str] = ()) -> list[str]:
    """All that is wrong with *body*, which is *what*: fields that it must not have, has wrong, or lacks."""
    wrong = [f"{name}: {what} needs it" for name in needs if name not in body]
    for name, value in body.items():
        wrong.append(fields[name].fault(name, value) if name in fields else f"{name}: {what} has no such field")
    return [fault for fault in wrong if fault]
