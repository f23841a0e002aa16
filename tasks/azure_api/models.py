"""The model classes of Microsoft's SDKs, made ready for several threads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, MutableMapping

_LOCK = threading.Lock()
_READY: set[str] = set()


def make_ready(package: str) -> None:
    """Have every model class of the SDK *package*, which is imported, work out its fields now, in this thread; once.

    A class does so when it is first used, by going through its own attributes and then adding one. Two threads that
    are the first to use it at the same time can fail: "dictionary changed size during iteration".
    """
    with _LOCK:
        if package not in _READY:
            for model in set(_models(package)):
                model.__new__(model)
            _READY.add(package)


def _models(package: str) -> Iterator[type[MutableMapping[str, object]]]:
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(package) and ".models" in name]
    for module in modules:
        for value in list(vars(module).values()):
            if isinstance(value, type) and issubclass(value, MutableMapping) and ".models" in value.__module__:
                yield value
