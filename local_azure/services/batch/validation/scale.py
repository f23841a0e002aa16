"""A pool's scale: fixed targets, or a formula and how often it is evaluated.

Source: ScaleSettings in the Batch management API description 2025-06-01; "Create a formula to automatically scale
compute nodes in a Batch pool" (at most 8 KB).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_azure.services.batch.autoscale.evaluation import parsed
from local_azure.services.batch.autoscale.syntax import FormulaError
from local_azure.services.batch.errors import invalid, missing, refusal
from local_azure.services.batch.protocol.shapes import integer, members, text
from local_azure.services.batch.protocol.times import parse_duration

_MOST_NODES = 100_000  # far above any quota; what lies beyond is a typing mistake
_LONGEST_FORMULA = 8192  # characters
_RESIZE = (timedelta(minutes=5), timedelta(days=7), "The resize timeout must be between 5 minutes and 7 days.")
_INTERVAL = (
    timedelta(minutes=5),
    timedelta(hours=168),
    "The evaluation interval must be between 5 minutes and 168 hours.",
)


def check_scale(scale: dict[str, Any]) -> None:
    """Raises: AzureError 400 for settings that are not exactly one of both, or do not hold."""
    path = "properties.scaleSettings"
    if ("fixedScale" in scale) == ("autoScale" in scale):
        raise invalid(path, "Exactly one of fixedScale and autoScale must be specified.")
    if "autoScale" in scale:
        automatic = members(scale["autoScale"], f"{path}.autoScale")
        check_formula(text(automatic.get("formula"), f"{path}.autoScale.formula"), f"{path}.autoScale.formula")
        check_interval(automatic.get("evaluationInterval"), f"{path}.autoScale.evaluationInterval")
        return
    fixed = members(scale["fixedScale"], f"{path}.fixedScale")
    for key in ("targetDedicatedNodes", "targetLowPriorityNodes"):
        if key not in fixed:
            raise missing(f"{path}.fixedScale.{key}")
        integer(fixed.get(key), f"{path}.fixedScale.{key}", 0, _MOST_NODES)
    check_resize_timeout(fixed.get("resizeTimeout"), f"{path}.fixedScale.resizeTimeout")


def check_formula(formula: str, path: str) -> None:
    """Raises: AzureError 400 `AutoScalingFormulaTooLong`, `AutoScalingFormulaSyntaxError`.

    What can only be seen when it is evaluated is an error of that evaluation.
    """
    place = {"PropertyName": path.rpartition(".")[2], "PropertyPath": path}
    if len(formula) > _LONGEST_FORMULA:
        raise refusal("AutoScalingFormulaTooLong", place)
    try:
        parsed(formula)
    except FormulaError as error:
        raise refusal(error.code, {**place, "Reason": error.detail}) from None


def check_interval(value: Any, path: str) -> None:
    """Raises: AzureError 400 unless *value* is an ISO 8601 duration between 5 minutes and 168 hours."""
    _check_span(value, path, *_INTERVAL)


def check_resize_timeout(value: Any, path: str) -> None:
    """Raises: AzureError 400 unless *value* is an ISO 8601 duration between 5 minutes and 7 days."""
    _check_span(value, path, *_RESIZE)


def _check_span(value: Any, path: str, least: timedelta, most: timedelta, rule: str) -> None:
    try:
        span = parse_duration(text(value, path))
    except ValueError:
        raise invalid(path, "The value must be a duration in ISO 8601 format, as PT15M.", value) from None
    if not least <= span <= most:
        raise invalid(path, rule, value)
