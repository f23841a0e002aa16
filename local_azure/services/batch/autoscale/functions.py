"""The functions and constants of the formula language.

Source: "Functions" and "Types" of the document on automatic scaling.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from local_azure.services.batch.autoscale.operators import Value, number

INTERVALS: dict[str, timedelta] = {
    "timeinterval_zero": timedelta(0),
    "timeinterval_100ns": timedelta(microseconds=0.1),
    "timeinterval_microsecond": timedelta(microseconds=1),
    "timeinterval_millisecond": timedelta(milliseconds=1),
    "timeinterval_second": timedelta(seconds=1),
    "timeinterval_minute": timedelta(minutes=1),
    "timeinterval_hour": timedelta(hours=1),
    "timeinterval_day": timedelta(days=1),
    "timeinterval_week": timedelta(weeks=1),
    "timeinterval_year": timedelta(days=365),
}
"""By lower-cased name."""


class StopEvaluationError(Exception):
    """The formula has called stop()."""


def call(name: str, arguments: Sequence[Value], now: datetime) -> Value:
    """A function's value.

    Raises: LookupError for an unknown function, TypeError or ValueError for arguments it does not take,
    StopEvaluationError for stop().
    """
    if name == "time":
        return _time(arguments, now)
    if name == "stop":
        raise StopEvaluationError
    if name == "rand" and not arguments:
        return random.random()  # noqa: S311 - a formula's dice, no secret
    if name in _COMPONENTWISE and len(arguments) == 1:
        return _componentwise(_COMPONENTWISE[name], arguments[0])
    if name in {"percentile", "val"}:
        return _at(name, arguments)
    return _OF_LIST[name](flattened(arguments))


def member(moment: Value, name: str) -> float:
    """A part of a timestamp. Raises: TypeError for another type, LookupError for an unknown part."""
    if not isinstance(moment, datetime):
        raise TypeError
    parts = {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "weekday": moment.isoweekday() % 7,  # 1 is Monday; Sunday is 0, as in .NET
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
    }
    return float(parts[name])


def flattened(arguments: Sequence[Value]) -> tuple[float, ...]:
    """A doubleVecList as one vector. Raises: TypeError for anything else."""
    found: list[float] = []
    for argument in arguments:
        if isinstance(argument, tuple):
            found += argument
        else:
            found.append(number(argument))
    return tuple(found)


def _time(arguments: Sequence[Value], now: datetime) -> datetime:
    if not arguments or arguments == ("",):
        return now
    (text,) = arguments
    if not isinstance(text, str):
        raise TypeError
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)  # RFC 1123; raises ValueError for neither
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _at(name: str, arguments: Sequence[Value]) -> float:
    vector, place = arguments
    if not isinstance(vector, tuple):
        raise TypeError
    if name == "val":
        return vector[int(number(place))]
    ordered = sorted(vector)
    rank = math.ceil(number(place) / 100 * len(ordered))
    return ordered[min(max(rank, 1), len(ordered)) - 1]


def _componentwise(apply: Callable[[float], float], value: Value) -> Value:
    return tuple(map(apply, value)) if isinstance(value, tuple) else apply(number(value))


_COMPONENTWISE: dict[str, Callable[[float], float]] = {"lg": math.log2, "ln": math.log, "log": math.log10}
_OF_LIST: dict[str, Callable[[tuple[float, ...]], float]] = {
    "avg": statistics.fmean,
    "len": lambda vector: float(len(vector)),
    "max": max,
    "min": min,
    "norm": lambda vector: math.hypot(*vector),
    "range": lambda vector: max(vector) - min(vector),
    "std": statistics.stdev,
    "sum": lambda vector: float(sum(vector)),
}
