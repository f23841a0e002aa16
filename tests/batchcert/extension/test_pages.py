"""Every code that a person can meet here has a page that explains it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchcert.extension.traps import TRAPS, Severity

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "problems"
PAGE = re.compile(
    r"# (?P<code>[a-z0-9-]+)\n\n(?:Trap: \*\*(?P<severity>\w+)\*\*\n\n)?"
    r"## What you see\n\n(?P<seen>[^#]+?)\n\n## Why\n\n(?P<why>[^#]+?)\n\n## What to do\n\n(?P<do>[^#]+?)\n"
    r"(?:\n## What batchcert does\n\n(?P<answer>[^#]+?)\n\n## Source\n\n(?P<source>.+?)\n)?"
)
ROOMS = [
    *(ROOT / "batchcert" / "extension").rglob("*.py"),
    *(ROOT / "batchcert" / name for name in ("arm_ids.py", "problems.py")),
    *(ROOT / "cli" / name for name in ("explain.py", "files.py")),
]


def page(code: str) -> re.Match[str]:
    """The page of *code*, laid out as all are; else the test fails."""
    match = PAGE.fullmatch((PAGES / f"{code}.md").read_text(encoding="utf-8"))
    assert match is not None, f"{code}.md is not laid out as the others are"
    return match


def problem_codes() -> Iterator[str]:
    """The codes with which these rooms make a Problem, read from their source."""
    for path in ROOMS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield str(code.value)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.code)
def test_each_trap_has_its_page(trap):
    """Its page has its name and weight, what one sees, why, what to do, batchcert's answer and the source."""
    found = page(trap.code)
    assert (found["code"], found["severity"]) == (trap.code, trap.severity)
    assert all(found[part] for part in ("seen", "why", "do", "answer", "source"))


@pytest.mark.parametrize("code", sorted(set(problem_codes()) - {trap.code for trap in TRAPS}))
def test_each_problem_has_its_page(code):
    """What stops the command or refuses parameters is explained like a trap."""
    assert page(code)["code"] == code


def test_each_page_of_a_trap_has_a_trap():
    """A page whose trap is gone is gone, too."""
    pages = {path.stem for path in PAGES.glob("*.md") if "\nTrap: **" in path.read_text(encoding="utf-8")}
    assert pages == {trap.code for trap in TRAPS}


def test_weights_are_those_of_the_linter():
    """A page names no weight that does not exist."""
    weights = {found[1] for path in PAGES.glob("*.md") if (found := re.search(r"\nTrap: \*\*(\w+)", path.read_text()))}
    assert weights <= set(Severity)
