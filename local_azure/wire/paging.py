"""Lists in pages, with a continuation that survives in a link."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def page(items: Sequence[T], size: int, token: str) -> tuple[Sequence[T], str]:
    """The page that *token* names ("" for the first) and the token of the next one ("" after the last).

    Raises: ValueError for a token that this function did not give out.
    """
    start = _offset(token) if token else 0
    end = start + size
    return items[start:end], _token(end) if end < len(items) else ""


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).rstrip(b"=").decode()


def _offset(token: str) -> int:
    text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    label, _, offset = text.partition(":")
    if label != "at" or not offset.isdecimal():
        raise ValueError("unknown continuation token")
    return int(offset)
