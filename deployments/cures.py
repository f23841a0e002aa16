"""What to do about a fault that pydantic found, from the model's own descriptions."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


def cure_for(model: type[BaseModel], error: ErrorDetails) -> str:
    """One line on what the field at the error's place takes."""
    *around, last = error["loc"] or ("",)
    if error["type"] == "extra_forbidden":
        return _nearest(str(last), list(_fields(model, around)))
    described = _fields(model, around).get(str(last)) if isinstance(last, str) else None
    if described is None:
        return ""
    if error["type"] == "missing":
        return f"add it: {described.description or described.title or last}"
    return described.description or ""


def message(error: ErrorDetails) -> str:
    """Pydantic's words without its prefix for errors of ours."""
    return error["msg"].removeprefix("Value error, ")


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"remove it; the fields here are {', '.join(known)}"


def _fields(model: type[BaseModel], path: Sequence[str | int]) -> dict[str, FieldInfo]:
    """The fields of the model that *path* leads to, or none where it leads to no model."""
    here: Any = model
    for part in path:
        if isinstance(part, int):
            here = next(iter(typing.get_args(here)), None)
        else:
            here = here.model_fields[part].annotation if _is_model(here) and part in here.model_fields else None
    return dict(here.model_fields) if _is_model(here) else {}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
