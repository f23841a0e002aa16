"""The part of OData that Batch's lists understand: `$filter` and `$select`.

Source: "OData $filter expressions in Batch" in the Batch service REST reference: comparisons joined by and, or, not,
and `startswith`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<date>datetime'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w./]*))",
    re.IGNORECASE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


class FilterError(ValueError):
    """A `$filter` that cannot be read; the text says where."""


def compile_filter(text: str) -> Predicate:
    """What `$filter` asks of a row; everything passes an empty one.

    Names may be paths as in `properties/allocationState`; text is compared without case, as states are.
    Raises: FilterError.
    """
    return _Parser(text).whole() if text.strip() else lambda _row: True


def select(row: Row, names: str) -> dict[str, Any]:
    """The properties of *row* that `$select` names, comma-separated; all for an empty one."""
    wanted = {name.strip().lower() for name in names.split(",") if name.strip()}
    return {key: value for key, value in row.items() if not wanted or key.lower() in wanted}


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> Predicate:
        found = self._either()
        if self._peek()[0]:
            raise FilterError(f"unexpected {self._peek()[1]}")
        return found

    def _either(self) -> Predicate:
        found = [self._both()]
        while self._word("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else lambda row: any(part(row) for part in found)

    def _both(self) -> Predicate:
        found = [self._one()]
        while self._word("and"):
            found.append(self._one())
        return found[0] if len(found) == 1 else lambda row: all(part(row) for part in found)

    def _one(self) -> Predicate:
        if self._word("not"):
            negated = self._one()
            return lambda row: not negated(row)
        if self._peek()[0] == "open":
            self._take("open")
            inner = self._either()
            self._take("close")
            return inner
        if self._word("startswith"):
            return self._startswith()
        return self._comparison()

    def _startswith(self) -> Predicate:
        self._take("open")
        name = self._take("word")
        self._take("comma")
        prefix = str(_comparable(_literal("text", self._take("text"))))
        self._take("close")
        return lambda row: str(_comparable(_lookup(row, name))).startswith(prefix)

    def _comparison(self) -> Predicate:
        name = self._take("word")
        operator = self._take("word").lower()
        if operator not in _COMPARISONS:
            raise FilterError(f"unknown operator {operator}")
        kind, text = self._peek()
        self._take(kind)
        compare, wanted = _COMPARISONS[operator], _literal(kind, text)
        return lambda row: _compared(compare, _lookup(row, name), wanted)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self, kind: str) -> str:
        found, text = self._peek()
        if not found or found != kind:
            raise FilterError(f"expected {kind or 'a value'}, found {text or 'the end'}")
        self._at += 1
        return text

    def _word(self, word: str) -> bool:
        kind, text = self._peek()
        if kind == "word" and text.lower() == word:
            self._at += 1
            return True
        return False


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FilterError(f"cannot read {text[at:].strip()}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found


def _literal(kind: str, text: str) -> Any:
    if kind == "text":
        return text[1:-1].replace("''", "'")
    if kind == "date":
        return _moment(text[9:-1])
    if kind == "number":
        return float(text)
    if kind == "word" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    raise FilterError(f"no value: {text or 'the end'}")


def _lookup(row: Any, name: str) -> Any:
    for part in name.split("/"):
        if not isinstance(row, Mapping):
            return None
        row = next((value for key, value in row.items() if key.lower() == part.lower()), None)
    return row


def _compared(compare: Callable[[Any, Any], bool], found: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime) and isinstance(found, str):
        found = _moment(found)
    try:
        return compare(_comparable(found), _comparable(wanted))
    except TypeError:
        return False


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise FilterError(f"no time: {text}") from None
