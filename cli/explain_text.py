"""What `batchcert explain` says to a person: wrapped and coloured on a terminal, a line each elsewhere."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from batchcert.extension.correction import Remark
from batchcert.extension.explanation import Explanation
from batchcert.extension.traps import PROCEDURE, Finding, Severity

_STYLES = {Severity.BREAKS: "bold red", Severity.WEAKENS: "yellow", Severity.NOTES: "cyan"}
_LABEL = 9  # columns in front of a finding's text
_MOST_FORGIVEN = 10


class Teller:
    """Writes labelled paragraphs to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = console.width if console.is_terminal else None

    def line(self, text: str = "", style: str = "") -> None:
        """One line, never wrapped."""
        self._console.print(Text(printable(text), style), soft_wrap=True)

    def paragraph(self, label: str, text: str, *, indent: int = _LABEL, style: str = "dim", path: bool = False) -> None:
        """*text* behind *label*, its further lines below its first; *style* is the label's."""
        width = max(self._width - indent, 30) if self._width else None
        lines = fold_path(printable(text), width) if path else fold(printable(text), width)
        self._console.print(Text.assemble((printable(label).ljust(indent), style), lines[0]), soft_wrap=True)
        for further in lines[1:]:
            self.line(" " * indent + further)


def tell(explanation: Explanation, name: str, output: Path | None) -> None:
    """Print findings, then the parameters, or where they were written."""
    console = Console(highlight=False)
    teller = Teller(console)
    _head(teller, explanation, name)
    for finding in explanation.findings:
        _finding(teller, finding)
    _procedure(teller)
    _remarks(teller, "To fill in or check in the parameters:", explanation.correction.to_fill_in)
    _remarks(teller, "Left out of the parameters:", explanation.correction.left_out)
    _next_step(teller, output)
    if not output:
        console.print_json(json.dumps(explanation.correction.parameters), indent=2)


def _next_step(teller: Teller, output: Path | None) -> None:
    teller.line()
    if output:
        teller.line(f"Corrected parameters are in {output}; fill them in, then run", "bold")
    else:
        teller.line("Corrected parameters (-o PARAMETERS.json saves them); fill them in, then run", "bold")
    file = shlex.quote(str(output or "PARAMETERS.json"))
    teller.line(f'  prefect deployment run provision/REGION --params "$(cat {file})"')


def _head(teller: Teller, explanation: Explanation, name: str) -> None:
    counts = (f"{explanation.count(severity)} {severity}" for severity in Severity)
    found = f"{len(explanation.findings)} traps ({', '.join(counts)})" if explanation.findings else "no trap in it"
    teller.line(f"{name}: {found}", "bold")
    for note in explanation.forgiven[:_MOST_FORGIVEN]:
        teller.line(f"  not JSON, read all the same: line {note.line}, column {note.column}: {note.what}")
    if len(explanation.forgiven) > _MOST_FORGIVEN:
        teller.line(f"  and {len(explanation.forgiven) - _MOST_FORGIVEN} more such places")


def _finding(teller: Teller, finding: Finding) -> None:
    teller.line()
    teller.paragraph(finding.severity, finding.code, style=_STYLES[finding.severity])
    teller.paragraph("  field", finding.field, path=True)
    teller.paragraph("  what", finding.what)
    teller.paragraph("  cause", finding.cause)
    teller.paragraph("  cure", finding.cure)


def _procedure(teller: Teller) -> None:
    teller.line()
    teller.line("No body shows these traps of the procedure; batchcert meets them so:", "bold")
    for trap in PROCEDURE:
        teller.paragraph(f"  {trap.code}", trap.answer, indent=max(len(one.code) for one in PROCEDURE) + 4)
    teller.line()
    teller.line("Each trap has a page, docs/problems/CODE.md")


def _remarks(teller: Teller, title: str, remarks: Iterable[Remark]) -> None:
    remarks = tuple(remarks)
    if remarks:
        teller.line()
        teller.line(title, "bold")
    for remark in remarks:
        teller.paragraph("  -", f"{remark.field}: {remark.what}", indent=4)


def fold(text: str, width: int | None) -> list[str]:
    """*text* in lines of *width* columns, broken between words; an address is never broken."""
    if not width:
        return [text]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def fold_path(path: str, width: int | None) -> list[str]:
    """*path* in lines of *width* columns, broken behind its dots."""
    lines = [""]
    for piece in path.replace(".", ".\n").split("\n"):
        if width and lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def printable(text: str) -> str:
    """*text* without what a terminal would take for a command."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
