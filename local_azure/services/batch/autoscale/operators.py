"""The types of the formula language, and what its operators do with them.

Types: double (float; true is 1), doubleVec (a tuple of floats), string, timestamp (datetime, UTC), timeinterval
(timedelta). Source: "Operations" and "Types" of the document on automatic scaling.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Value = float | tuple[float, ...] | str | datetime | timedelta

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARISON: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
    "!=": operator.ne,
}
_MIXED = {
    ("timeinterval", "*", "double"),
    ("double", "*", "timeinterval"),
    ("timeinterval", "/", "double"),
    ("timeinterval", "+", "timeinterval"),
    ("timeinterval", "-", "timeinterval"),
    ("timeinterval", "+", "timestamp"),
    ("timestamp", "+", "timeinterval"),
    ("timestamp", "-", "timeinterval"),
    ("timestamp", "-", "timestamp"),
}


def type_of(value: Value) -> str:
    """The name that the language has for the type of *value*."""
    if isinstance(value, tuple):
        return "doubleVec"
    return {float: "double", str: "string", datetime: "timestamp", timedelta: "timeinterval"}[type(value)]


def binary(sign: str, left: Value, right: Value) -> Value:
    """*left* *sign* *right*. Raises: TypeError for types that do not go together; ZeroDivisionError, OverflowError."""
    left, right = _comparable(left, right)
    if sign in _COMPARISON:
        if type_of(left) != type_of(right):
            raise TypeError
        return float(_COMPARISON[sign](left, right))
    if sign in {"&&", "||"}:
        both = (truth(left), truth(right))
        return float(all(both) if sign == "&&" else any(both))
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _componentwise(_ARITHMETIC[sign], left, right)
    if (type_of(left), sign, type_of(right)) in _MIXED or {type_of(left), type_of(right)} == {"double"}:
        result: Value = _ARITHMETIC[sign](left, right)
        return result
    raise TypeError


def unary(sign: str, value: Value) -> Value:
    """*sign* *value*. Raises: TypeError for a type that has no such operator."""
    if sign == "!":
        return float(not truth(value))
    if isinstance(value, float | timedelta):
        return -value
    if isinstance(value, tuple):
        return tuple(-number for number in value)
    raise TypeError


def truth(value: Value) -> bool:
    """Whether a double is not zero. Raises: TypeError for another type."""
    return bool(number(value))


def number(value: Value) -> float:
    """A double; a vector with one sample counts as one. Raises: TypeError for another type."""
    if isinstance(value, tuple) and len(value) == 1:
        return value[0]
    if not isinstance(value, float):
        raise TypeError
    return value


def text_of(value: Value) -> str:
    """*value* as Batch writes it into the results of an evaluation."""
    if isinstance(value, tuple):
        return f"[{','.join(map(text_of, value))}]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    return str(value)


def _comparable(left: Value, right: Value) -> tuple[Value, Value]:
    """Both, where one is a double and the other a vector with one sample: two doubles."""
    if isinstance(left, float) and isinstance(right, tuple) and len(right) == 1:
        return left, right[0]
    if isinstance(right, float) and isinstance(left, tuple) and len(left) == 1:
        return left[0], right
    return left, right


def _componentwise(apply: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            raise TypeError
        return tuple(apply(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, tuple) and isinstance(right, float):
        return tuple(apply(a, right) for a in left)
    if isinstance(left, float) and isinstance(right, tuple):
        return tuple(apply(left, b) for b in right)
    raise TypeError
