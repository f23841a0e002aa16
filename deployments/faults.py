"""A fault in a file, at its place."""

from __future__ import annotations

from dataclasses import dataclass

from batchcert.problems import Problem


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, where, and what to do about it.

    Attributes:
        file: the file as it was named.
        line: line in it, from 1; 0 where the file as a whole is meant.
        field: path of the field, `pool.nodes` or `deployments[3].schedules`, or "".
        what: what is wrong; never holds a secret.
        cure: what to do about it, or "".
    """

    file: str
    line: int
    field: str
    what: str
    cure: str = ""

    def __str__(self) -> str:
        """`file:line: field: what`, and the cure on a line of its own."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = ": ".join(part for part in (place, self.field, self.what) if part)
        return f"{text}\n  cure: {self.cure}" if self.cure else text

    def problem(self) -> Problem:
        """The fault as the product's error."""
        first, _, _ = str(self).partition("\n")
        return Problem("invalid-deployment", what=first, cure=self.cure)


def field_path(path: tuple[str | int, ...]) -> str:
    """A path of keys and indices as a person writes it: `certificates[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
