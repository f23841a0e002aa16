"""JSON as documents publish it, turned into strict JSON that still knows where each character came from."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from batchcert.problems import Problem

DEEPEST = 64
_LONGEST_WORD = 100

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<placeholder><[^<>"\n]*>|\{\{[^{}"\n]*\}\}|\$\{[^{}"\n]*\})
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<mark>[][{}:,])
    |(?P<word>[-+.\w]+)""",
    re.VERBOSE | re.DOTALL,
)
_JSON_WORD = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Note:
    """Something JSON does not allow that was read all the same. *line* and *column* count from 1."""

    line: int
    column: int
    what: str


class Places:
    """Lines and columns of a text, both counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def of(self, position: int) -> tuple[int, int]:
        """Line and column of the character at *position*."""
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1

    def unreadable(self, position: int, why: str) -> Problem:
        """The refusal of what stands at *position*."""
        line, column = self.of(position)
        return Problem(
            "document-unreadable",
            what=f"line {line}, column {column}: {why}",
            cause="the document is not JSON, nor JSON with comments, trailing commas or placeholders",
            cure="correct it there",
        )


@dataclass
class Strict:
    """Strict JSON in pieces: each piece, where it came from, and what was forgiven on the way."""

    text: str
    places: Places
    notes: list[Note] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _origins: list[int] = field(default_factory=list)
    _names: list[set[str]] = field(default_factory=list)  # members seen in each open bracket
    _last: int = -1  # the newest piece that is neither space nor comment

    def __str__(self) -> str:
        """The strict JSON."""
        return "".join(self._pieces)

    def origin(self, position: int) -> int:
        """Where in the text the character at *position* of the strict JSON came from."""
        for start, piece in zip(self._origins, self._pieces, strict=True):
            if position < len(piece):
                return start + position
            position -= len(piece)
        return len(self.text.rstrip())

    def take(self, kind: str, piece: str, position: int) -> None:
        """Add the next token of the text."""
        if kind == "comment":
            self._forgive(position, "a comment")
            piece = re.sub(r"[^\n]", " ", piece)
        elif kind == "placeholder":
            self._forgive(position, f"the placeholder {piece[:60]}, read as text")
            piece = json.dumps(piece)
        elif kind == "word" and (len(piece) > _LONGEST_WORD or not _JSON_WORD.fullmatch(piece)):
            why = f"{piece[:60]} is no number, true, false or null; text stands in quotes"
            raise self.places.unreadable(position, why)
        elif kind == "mark":
            self._mark(piece, position)
        if kind not in {"space", "comment"}:
            self._last = len(self._pieces)
        self._pieces.append(piece)
        self._origins.append(position)

    def _mark(self, mark: str, position: int) -> None:
        before = self._pieces[self._last] if self._last >= 0 else ""
        if mark in "{[":
            self._names.append(set())
            if len(self._names) > DEEPEST:
                line, column = self.places.of(position)
                what = f"line {line}, column {column}: more than {DEEPEST} levels of brackets"
                raise Problem("document-too-large", what=what, cure="give the pool's request body alone")
        elif mark in "}]":
            if before == ",":
                self._forgive(self._origins[self._last], f"a comma before the closing {mark}")
                self._pieces[self._last] = " "
            if self._names:
                self._names.pop()
        elif mark == ":" and self._names:
            if before in self._names[-1]:
                self._forgive(self._origins[self._last], f"the member {before[:60]} again; the last one counts")
            self._names[-1].add(before)

    def _forgive(self, position: int, what: str) -> None:
        self.notes.append(Note(*self.places.of(position), what))


def to_strict(text: str) -> Strict:
    """Strict JSON for *text*: comments blanked, trailing commas dropped, bare placeholders put in quotes.

    What is wrong with the order of its tokens is left for a JSON parser to say.

    Raises: Problem `document-unreadable` for a token that is none, `document-too-large` above 64 levels.
    """
    strict = Strict(text, Places(text))
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or token.lastgroup is None:
            raise strict.places.unreadable(position, _why_not(text, position))
        strict.take(token.lastgroup, token[0], position)
        position = token.end()
    return strict


def _why_not(text: str, position: int) -> str:
    if text[position] == '"':
        return "a quoted text that does not end on its line"
    return "a comment that does not end" if text.startswith("/*", position) else f"an unexpected {text[position]!a}"
