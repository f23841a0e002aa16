"""Which operations Microsoft's clients have, and which of them were called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

_NO_OPERATIONS = frozenset({"close", "send_request"})  # the latter sends whatever it is given


class Watched:
    """A client, or a group of its operations; notes in *called* which operations its callers call.

    What a client or a poller calls by itself reaches the client alone, and is not noted.
    """

    def __init__(self, inner: Any, path: str, called: set[str]) -> None:
        self._inner = inner
        self._path = path
        self._called = called

    def __getattr__(self, name: str) -> Any:
        """The group, the operation or the value of that name."""
        found, path = getattr(self._inner, name), f"{self._path}.{name}"
        if _is_group(found):
            return Watched(found, path, self._called)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._called.add(path)
            return found(*args, **kwargs)

        return call


def groups(client: Any) -> Mapping[str, Any]:
    """The groups of operations of a client for Resource Manager, by their name."""
    public = {name: getattr(client, name) for name in dir(client) if not name.startswith("_")}
    return {name: found for name, found in public.items() if _is_group(found)}


def operations(client: Any) -> set[str]:
    """The public operations of a client or of a group."""
    found = inspect.getmembers(type(client), callable)
    return {name for name, _ in found if not name.startswith("_")} - _NO_OPERATIONS


def _is_group(found: Any) -> bool:
    return type(found).__name__.endswith("Operations")
