"""The `{{ ... }}` placeholders of prefect.yaml: where they are, and what stands behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.documents import FieldPath

# Prefect's own pattern (prefect.utilities.templating), and what it fills in by itself.
PLACEHOLDER = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
PREFECTS_OWN = ("$", "prefect.blocks.", "prefect.variables.", "ctx.")

# What each build step gives, by its id; None where that cannot be known before it is run.
Outputs = Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True)
class Placeholder:
    """One placeholder: the path of the field it stands in, and its name, "" where it is not well formed."""

    path: FieldPath
    name: str


def placeholders(value: Any, path: FieldPath = ()) -> Iterator[Placeholder]:
    """Every placeholder in the strings of *value*."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from placeholders(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from placeholders(item, (*path, index))
    elif isinstance(value, str):
        yield from (Placeholder(path, name) for name in PLACEHOLDER.findall(value))
        if "{{" in PLACEHOLDER.sub("", value):
            yield Placeholder(path, "")


def why_unknown(name: str, outputs: Outputs) -> str:
    """Why nothing stands behind the placeholder *name*, or "" where something does."""
    if not name:
        return "this is not a whole placeholder"
    if name.startswith(PREFECTS_OWN):
        return ""
    step, _, key = name.partition(".")
    if step not in outputs:
        return f"{{{{ {name} }}}}: no build step has the id {step}"
    given = outputs[step]
    if given is not None and key.partition(".")[0] not in given:
        return f"{{{{ {name} }}}}: the build step gives no {key or 'such value'}, but {', '.join(given)}"
    return ""


def filled_in(value: Any, outputs: Outputs) -> Any:
    """*value* where it is known: as it is, or what the placeholder that is all of it stands for; else None."""
    if not isinstance(value, str):
        return value
    match = PLACEHOLDER.fullmatch(value)
    if match is None:
        return None if PLACEHOLDER.search(value) else value
    step, _, key = match[1].partition(".")
    return (outputs.get(step) or {}).get(key)
