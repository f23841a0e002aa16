"""`${NAME}` and `${NAME:-default}` in a region's file, filled in from the environment where it is deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deployments.documents import FieldPath

REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class Expansion:
    """Fills in references from *environ*; `missing` collects the path and name of each that has no value."""

    environ: Mapping[str, str]
    missing: list[tuple[FieldPath, str]] = field(default_factory=list)

    def of(self, value: Any, path: FieldPath = ()) -> Any:
        """*value* with the references in its strings filled in, as plain maps and lists."""
        if isinstance(value, dict):
            return {str(key): self.of(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, str):
            return REFERENCE.sub(lambda match: self._value(match, path), value)
        return value

    def _value(self, match: re.Match[str], path: FieldPath) -> str:
        name, default = match["name"], match["default"]
        value = self.environ.get(name) or default
        if value is None or not NAME.fullmatch(name):
            self.missing.append((path, name))
        return value or ""
