"""Evaluates a formula: what it makes of a pool's targets.

Source: "Automatic scaling formulas" and "Evaluate an autoscale formula" of the document on automatic scaling; the
errors as in "Evaluate an automatic scaling formula" and "Pool autoscale event" (InsufficientSampleData) and in the
tests of Azure's JavaScript client (AutoScalingFormulaEvaluationError). The details of the latter are our own words.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from local_azure.services.batch.autoscale import functions
from local_azure.services.batch.autoscale.metrics import Metric
from local_azure.services.batch.autoscale.operators import Value, binary, number, text_of, truth, unary
from local_azure.services.batch.autoscale.sampling import of_metric
from local_azure.services.batch.autoscale.syntax import (
    Call,
    Constant,
    Expression,
    FormulaError,
    Name,
    Operation,
    Place,
    Statement,
    parse,
)

OPTIONS = ("requeue", "terminate", "taskcompletion", "retaineddata")
_DEDICATED, _LOW_PRIORITY, _OPTION = "targetdedicatednodes", "targetlowprioritynodes", "nodedeallocationoption"
_ALIASES = {
    "targetdedicated": _DEDICATED,
    "targetlowpriority": _LOW_PRIORITY,
    "currentdedicated": "currentdedicatednodes",
    "currentlowpriority": "currentlowprioritynodes",
}
_PLAIN = ("currentdedicatednodes", "currentlowprioritynodes", "preemptednodecount", "usablenodecount")

parsed = functools.lru_cache(maxsize=256)(parse)


@dataclass(frozen=True)
class Targets:
    """What a formula decides: numbers of nodes, and what becomes of the tasks of nodes that leave."""

    dedicated: int
    low_priority: int
    option: str = "requeue"


@dataclass(frozen=True)
class Evaluation:
    """*results* are the final values of all variables, as Batch writes them; with *error*, *targets* are as before."""

    targets: Targets
    results: str
    error: FormulaError | None = None


def evaluate(formula: str, targets: Targets, metrics: Mapping[str, Metric], now: datetime) -> Evaluation:
    """Evaluate *formula* for a pool with these *targets* and *metrics* (by lower-cased name)."""
    try:
        run = _Run(targets, metrics, now)
        for statement in parsed(formula):
            run.perform(statement)
        return Evaluation(run.targets(), run.results())
    except functions.StopEvaluationError:
        return Evaluation(targets, _results(targets, {}))
    except FormulaError as error:
        return Evaluation(targets, _results(targets, {}), error)


class _Run:
    """One evaluation: the variables and their values so far."""

    def __init__(self, targets: Targets, metrics: Mapping[str, Metric], now: datetime) -> None:
        self._before = targets
        self._metrics = metrics
        self._now = now
        self._names: dict[str, str] = {}
        self._values: dict[str, Value] = {
            _DEDICATED: float(targets.dedicated),
            _LOW_PRIORITY: float(targets.low_priority),
            _OPTION: "requeue",
        }

    def perform(self, statement: Statement) -> None:
        """Evaluate one statement. Raises: FormulaError, StopEvaluationError."""
        value = self._value(statement.value)
        if not statement.name:
            return
        key = _key(statement.name)
        if key in self._metrics:
            raise _wrong(statement.value.place, f"{statement.name} is read-only")
        self._names.setdefault(key, statement.name)
        self._values[key] = value

    def targets(self) -> Targets:
        """The targets by now. Raises: FormulaError for values that are none."""
        option = str(self._values[_OPTION]).lower()
        if option not in OPTIONS:
            raise _wrong(Place(1, 1), f"$NodeDeallocationOption cannot be {option}")
        return replace(
            self._before, dedicated=self._nodes(_DEDICATED), low_priority=self._nodes(_LOW_PRIORITY), option=option
        )

    def results(self) -> str:
        """The values of all variables."""
        own = {self._names[key]: value for key, value in self._values.items() if key in self._names}
        return _results(self.targets(), own)

    def _nodes(self, key: str) -> int:
        try:
            wanted = int(number(self._values[key]))
        except (TypeError, OverflowError, ValueError):
            raise _wrong(Place(1, 1), "the target number of nodes is no double") from None
        if wanted < 0:
            raise _wrong(Place(1, 1), f"the target number of nodes cannot be negative: {wanted}")
        return wanted

    def _value(self, expression: Expression) -> Value:
        if isinstance(expression, Constant):
            return expression.value
        if isinstance(expression, Name):
            return self._variable(expression)
        try:
            return self._operation(expression) if isinstance(expression, Operation) else self._call(expression)
        except (TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise _wrong(expression.place, _why(expression, error)) from None

    def _variable(self, name: Name) -> Value:
        key = _key(name.name)
        if key in self._values:
            return self._values[key]
        if key in functions.INTERVALS:
            return functions.INTERVALS[key]
        if key in OPTIONS and not name.name.startswith("$"):
            return key
        if key in _PLAIN:
            return self._metrics[key].at(self._now)
        if key in self._metrics:
            raise _wrong(name.place, f"{name.name} has samples and no value; use GetSample()")
        raise _wrong(name.place, f"{name.name} is not defined")

    def _operation(self, operation: Operation) -> Value:
        if operation.sign == "?":
            condition, yes, no = operation.operands
            return self._value(yes if truth(self._value(condition)) else no)
        values = [self._value(operand) for operand in operation.operands]
        if len(values) == 1:
            return unary(operation.sign, values[0])
        return binary(operation.sign, values[0], values[1])

    def _call(self, call: Call) -> Value:
        arguments = [self._value(argument) for argument in call.arguments or ()]
        if call.target is None:
            return functions.call(call.name.lower(), tuple(arguments), self._now)
        if isinstance(call.target, Name) and (metric := self._metrics.get(_key(call.target.name))):
            return of_metric(metric, call, tuple(arguments))
        if call.arguments is not None:
            raise LookupError
        return functions.member(self._value(call.target), call.name.lower())


def _key(name: str) -> str:
    """A variable by its name without the dollar sign and without regard to case; an alias is what it stands for."""
    key = name.removeprefix("$").lower()
    return _ALIASES.get(key, key)


def _results(targets: Targets, own: Mapping[str, Value]) -> str:
    fixed = {
        "$TargetDedicatedNodes": str(targets.dedicated),
        "$TargetLowPriorityNodes": str(targets.low_priority),
        "$NodeDeallocationOption": targets.option,
    }
    others = {n: text_of(v) for n, v in sorted(own.items()) if _key(n) not in {_DEDICATED, _LOW_PRIORITY, _OPTION}}
    return ";".join(f"{name}={value}" for name, value in {**fixed, **others}.items())


def _why(expression: Expression, error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(expression, Operation):
        return f"the operator '{expression.sign}' does not take these values"
    name = expression.name if isinstance(expression, Call) else ""
    return f"{name}() is not defined" if isinstance(error, LookupError) else f"{name}() does not take these values"


def _wrong(place: Place, why: str) -> FormulaError:
    return FormulaError("AutoScalingFormulaEvaluationError", f"{place}: {why}")
