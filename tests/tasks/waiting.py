"""Waiting for what nodes and Batch do in their own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 60.0


def until(what: str, probe: Callable[[], T]) -> T:
    """What *probe* answers once that is true."""
    deadline = time.monotonic() + SECONDS
    while not (answer := probe()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return answer
