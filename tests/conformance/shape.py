"""Whether an answer has the shape of an example's: every property, of the same kind, however deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def missing(wanted: Any, given: Any, where: str = "") -> Iterator[str]:
    """The paths at which *given* lacks what *wanted* has, or has something of another kind.

    Of a wanted list, the first item stands for all, and one given item must have it; in one that is empty nothing is
    looked for. A number is a number, whole or not; null stands for anything.
    """
    if wanted is None or given is None:
        return
    if _kind(wanted) is not _kind(given):
        yield f"{where}: {_kind(given).__name__} instead of {_kind(wanted).__name__}"
    elif isinstance(wanted, Mapping):
        for name, value in wanted.items():
            at = f"{where}.{name}".lstrip(".")
            if name in given:
                yield from missing(value, given[name], at)
            else:
                yield at
    elif isinstance(wanted, list) and wanted and given:
        lacking = [list(missing(wanted[0], item, f"{where}[]")) for item in given]
        yield from (each for each in lacking[0] if all(each in others for others in lacking))


def _kind(value: Any) -> type:
    if isinstance(value, Mapping):
        return dict
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
