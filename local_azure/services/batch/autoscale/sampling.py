"""The methods by which a formula asks for samples.

Source: "Obtain sample data" of the document on automatic scaling.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from local_azure.services.batch.autoscale.metrics import PERIOD, Metric
from local_azure.services.batch.autoscale.operators import Value
from local_azure.services.batch.autoscale.syntax import Call, FormulaError


def of_metric(metric: Metric, call: Call, arguments: Sequence[Value]) -> Value:
    """What the method *call* of a service-defined variable gives.

    Raises: FormulaError `InsufficientSampleData`; LookupError for an unknown method, TypeError or ValueError for
    arguments that it does not take.
    """
    name = call.name.lower()
    if name == "getsample":
        return _samples(metric, call, arguments)
    if name == "getsamplepercent":
        return metric.percent(*_span(metric, arguments))
    if arguments:
        raise TypeError
    if name == "getsampleperiod":
        return PERIOD
    if name == "count":
        return float(metric.count)
    if name == "historybegintime":
        return metric.since or metric.now
    raise LookupError(name)


def _samples(metric: Metric, call: Call, arguments: Sequence[Value]) -> tuple[float, ...]:
    if len(arguments) == 1 and isinstance(arguments[0], float):
        found = metric.newest(int(arguments[0]))
        if not found:
            raise _insufficient(metric, call, 100, 0)
        return found
    wanted = arguments[-1] if isinstance(arguments[-1], float) else 0.0
    times = arguments[:-1] if isinstance(arguments[-1], float) else arguments
    start, end = _span(metric, times)
    found, percent = metric.samples(start, end), metric.percent(start, end)
    # A request for no certain percentage still needs a sample to give.
    if percent < wanted or not found:
        raise _insufficient(metric, call, wanted or 1, percent)
    return found


def _span(metric: Metric, arguments: Sequence[Value]) -> tuple[datetime, datetime]:
    """The time that is looked back on: from one or two looks back, or moments, the later one last."""
    moments = [_moment(metric, argument) for argument in arguments]
    if len(moments) not in {1, 2}:
        raise TypeError
    return (min(moments), max(moments)) if len(moments) == 2 else (moments[0], metric.now)


def _moment(metric: Metric, argument: Value) -> datetime:
    if isinstance(argument, datetime):
        return argument
    if isinstance(argument, timedelta):
        return metric.now - argument
    raise TypeError


def _insufficient(metric: Metric, call: Call, wanted: float, received: float) -> FormulaError:
    detail = f"Insufficient data from data set: {metric.name} wanted {wanted:.0f}%, received {received:.0f}%"
    return FormulaError("InsufficientSampleData", f"{call.place}: {detail}")
