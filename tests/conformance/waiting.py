"""Waiting for what the embedded Azure does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_SECONDS = 60.0
_PAUSE = 0.05


def until(ask: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """What *ask* says as soon as that *holds*. Raises: TimeoutError after a minute."""
    deadline = time.monotonic() + _SECONDS
    while not holds(said := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {said!r}")
        time.sleep(_PAUSE)
    return said
