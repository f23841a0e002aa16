"""Small checks of one value in a request body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_azure.services.batch.errors import BatchError, invalid, missing, refusal


def integer(value: Any, path: str, least: int, most: int) -> int:
    """*value*, where it is a whole number between *least* and *most*. Raises: AzureError 400."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(path, "an integer")
    if not least <= value <= most:
        raise invalid(path, f"The value must be between {least} and {most}.", value)
    return value


def text(value: Any, path: str, most: int = 0) -> str:
    """*value*, where it is text, not empty, of at most *most* characters (0: any). Raises: AzureError 400."""
    if value is None or value == "":
        raise missing(path)
    if not isinstance(value, str):
        raise wrong_type(path, "a string")
    if most and len(value) > most:
        raise invalid(path, f"The value must not have more than {most} characters.", value[:64])
    return value


def members(value: Any, path: str) -> dict[str, Any]:
    """*value*, where it is an object. Raises: AzureError 400."""
    if value is None:
        raise missing(path)
    if not isinstance(value, dict):
        raise wrong_type(path, "an object")
    return value


def items(value: Any, path: str) -> list[Any]:
    """*value*, where it is an array; an absent one is empty. Raises: AzureError 400."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type(path, "an array")
    return value


def chosen_option(value: Any, path: str, options: Sequence[str]) -> str:
    """*value* as one of *options*, without regard to case; the first where it is absent. Raises: AzureError 400."""
    if value is None:
        return options[0]
    if text(value, path).lower() not in options:
        raise invalid(path, f"The value must be one of {', '.join(options)}.", value)
    return str(value).lower()


def wrong_type(path: str, expected: str) -> BatchError:
    """A value of another JSON type than the property has."""
    return refusal(
        "InvalidRequestBody",
        {"PropertyName": path.rpartition(".")[2], "PropertyPath": path, "Reason": f"The value must be {expected}."},
    )
