"""The codes of problems, read from the product's source: where each is made, and whether a cure goes with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("batchcert", "cli", "deployments", "flows", "tasks")

MAKERS = {"Problem": 99, "Fault": 2, "Trap": 99, "rule": 99}
"""What takes a code as its first argument, and the place of its cure among those that follow; 99: by keyword alone."""

NO_MAKERS = {("deployments", "Fault"), ("deployments", "rule")}
"""What has such a name in a room and takes no code: there they are a fault in a file, and what finds it."""

ENUMS = {"Explained", "Judged"}
"""What the enums of codes are made of."""

PASSING_ON = {"code", "value"}
"""Attributes that are a code: `problem.code`, `Reason.X.value`."""


@dataclass(frozen=True)
class Use:
    """A place that makes a problem. *code* is "" where it is not written there."""

    code: str
    place: str
    passes: bool
    cured: bool
    passed_on: bool = False


def uses() -> list[Use]:
    """Every place in the product that names or passes on a code."""
    return [use for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) for use in _of(path)]


def _of(path: Path) -> Iterator[Use]:
    file = path.relative_to(ROOT)
    makers = {name: at for name, at in MAKERS.items() if (file.parts[0], name) not in NO_MAKERS}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        place = f"{file}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.ClassDef):
            yield from _members(node, place)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
            yield _made(node, makers[node.func.id], place)


def _members(enum: ast.ClassDef, place: str) -> Iterator[Use]:
    """The members of an enum of codes; tests of the enums hold their cures."""
    if any(isinstance(base, ast.Name) and base.id in ENUMS for base in enum.bases):
        for line in enum.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                yield Use(ast.literal_eval(line.value.elts[0]), place, passes=False, cured=True)


def _made(call: ast.Call, cure_at: int, place: str) -> Use:
    first, keywords = call.args[0], {keyword.arg: keyword.value for keyword in call.keywords}
    cure = keywords.get("cure") or (call.args[cure_at] if len(call.args) > cure_at else None)
    passes = keywords.get("passes")
    return Use(
        code=first.value if isinstance(first, ast.Constant) else "",
        place=place,
        passes=isinstance(passes, ast.Constant) and passes.value is True,
        cured=cure is not None and not (isinstance(cure, ast.Constant) and not cure.value),
        passed_on=isinstance(first, ast.Attribute) and first.attr in PASSING_ON,
    )
