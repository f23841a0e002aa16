"""The pages of docs/problems as they are written: a title, a line of its kind, and sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "problems"
INDEX = FOLDER / "README.md"
HEADINGS = ("What you see", "Why", "What to do", "What batchcert does", "Source")
"""In this order; the last two where there is something to say."""

_KIND = re.compile(r"(Trap|Verdict): \*\*(\w+)\*\*")
_FIRST_SENTENCE = re.compile(r".+?\.`?(?=\s|$)")


@dataclass(frozen=True)
class Page:
    """A page. *kind* is "Trap" or "Verdict" with its *weight*, or both are ""."""

    code: str
    kind: str
    weight: str
    sections: Mapping[str, str]

    @property
    def symptom(self) -> str:
        """The first sentence of what one sees."""
        found = _FIRST_SENTENCE.match(self.sections["What you see"])
        assert found is not None, f"{self.code}: what one sees is no sentence"
        return found[0]

    def __str__(self) -> str:
        """The page as it is to be written."""
        kind = [f"{self.kind}: **{self.weight}**"] if self.kind else []
        sections = [f"## {heading}\n\n{self.sections[heading]}" for heading in HEADINGS if heading in self.sections]
        return "\n\n".join([f"# {self.code}", *kind, *sections]) + "\n"


def codes() -> set[str]:
    """The codes that have a page."""
    return {path.stem for path in FOLDER.glob("*.md") if path != INDEX}


def text_of(code: str) -> str:
    """The page's text."""
    return (FOLDER / f"{code}.md").read_text(encoding="utf-8")


def read_page(code: str) -> Page:
    """The page of *code*, taken apart; whatever is not laid out as it should be is missing in it."""
    head, *sections = text_of(code).removesuffix("\n").split("\n\n## ")
    title, _, line = head.partition("\n\n")
    kind = _KIND.fullmatch(line)
    return Page(
        code=title.removeprefix("# "),
        kind=kind[1] if kind else "",
        weight=kind[2] if kind else "",
        sections=dict(section.split("\n\n", 1) for section in sections if "\n\n" in section),
    )
